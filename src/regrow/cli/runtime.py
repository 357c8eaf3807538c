"""Shared parts of the commands: options, errors as one sentence, JSON in and out."""

import json
import os
from contextvars import ContextVar
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from regrow.knowledge import Knowledge

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="URL", help="sqlite:////path/file or postgresql://…; else REGROW_DATABASE_URL."
    ),
]


class UsageError(Exception):
    """The input cannot be used. The text names what is wrong, where, and the fix."""


def show(answer: Any, as_json: bool, sentence: str) -> None:
    print(as_json_text(answer) if as_json else sentence)


_content: ContextVar["Knowledge"] = ContextVar("content")


def load_content() -> "Knowledge":
    """Load what the command runs on: Regrow's files and those of the clinic's folder, as of today."""
    from regrow.knowledge import Knowledge
    from regrow.web.platform.paths import knowledge_folder

    loaded = Knowledge.load(knowledge_folder(), datetime.now(UTC).date())
    _content.set(loaded)
    return loaded


def content() -> "Knowledge":
    """Return the clinical content of this command."""
    return _content.get()


def set_up_django(database: str | None) -> None:
    """Set up Django for the database given."""
    from regrow.web.platform.database import BadDatabaseUrl, database_settings, database_url
    from regrow.web.platform.paths import data_folder

    if database:
        os.environ["REGROW_DATABASE_URL"] = database
    os.umask(0o077)  # records are private to the clinic's operating account
    try:
        settings = database_settings(database_url())
        if settings["ENGINE"].endswith("sqlite3"):
            Path(settings["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        data_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    except BadDatabaseUrl as mistake:
        raise UsageError(str(mistake)) from mistake
    except OSError as mistake:
        raise UsageError(
            f"the folder for the database cannot be made: {mistake.strerror}: {mistake.filename}"
        ) from mistake
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regrow.web.platform.settings")
    import django

    django.setup()


def open_database(database: str | None) -> None:
    """Set up Django for a database that must be there. Raises `UsageError`; creates nothing."""
    from regrow.web.platform.database import BadDatabaseUrl, database_settings, database_url

    if database:
        os.environ["REGROW_DATABASE_URL"] = database
    try:
        settings = database_settings(database_url())
    except BadDatabaseUrl as mistake:
        raise UsageError(str(mistake)) from mistake
    missing = f"there is no clinic at {database_url()}; `regrow migrate` makes one"
    if settings["ENGINE"].endswith("sqlite3") and not Path(settings["NAME"]).is_file():
        raise UsageError(missing)
    set_up_django(database)
    from django.db import DatabaseError, connection

    try:
        tables = connection.introspection.table_names()
    except DatabaseError as mistake:
        raise UsageError(_unusable(mistake)) from mistake
    if "audit_auditrow" not in tables:
        raise UsageError(missing)


def bring_up_to_date() -> None:
    """Apply pending migrations. Raises `UsageError` when the database cannot be used."""
    from django.core.management import call_command
    from django.db import DatabaseError

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as mistake:
        raise UsageError(_unusable(mistake)) from mistake


def _unusable(mistake: Exception) -> str:
    return f"the database cannot be used: {' '.join(str(mistake).split())}"


def read_json(path: Path) -> Any:
    from decimal import Decimal

    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as mistake:
        raise UsageError(f"{path}: cannot be read: {mistake.strerror}") from mistake
    except UnicodeDecodeError as mistake:
        raise UsageError(f"{path}: not UTF-8 text, so not a JSON document") from mistake
    except json.JSONDecodeError as mistake:
        raise UsageError(
            f"{path}:{mistake.lineno}: not JSON: {mistake.msg}, column {mistake.colno}"
        ) from mistake
    except RecursionError as mistake:
        raise UsageError(f"{path}: nested too deeply to be a record") from mistake


def read_day(option: str, text: str) -> date:
    """Parse an option's date. Raises `UsageError`."""
    try:
        return date.fromisoformat(text)
    except ValueError as mistake:
        raise UsageError(f"{option}: {text!r} is not a date; write it like 2026-11-24") from mistake


def read_moment(option: str, text: str) -> datetime:
    """Parse an option's time, in UTC. Raises `UsageError`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as mistake:
        raise UsageError(f"{option}: {text!r} is not a time; write it like 2026-11-24T15:20:00Z") from mistake
    if moment.tzinfo is None:
        raise UsageError(f"{option}: {text!r} has no zone; write it like 2026-11-24T15:20:00Z")
    return moment.astimezone(UTC)


def as_json_text(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, default=str)
