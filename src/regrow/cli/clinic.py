"""Commands that run a clinic: database, accounts, server, tests."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from .app import app, audit_app
from .runtime import (
    Database,
    Json,
    UsageError,
    bring_up_to_date,
    open_database,
    read_json,
    set_up_django,
    show,
)


@app.command("import")
def import_bundle(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE.json", help="A FHIR R4 Bundle about one patient.")
    ],
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Import a FHIR R4 Bundle into a chart.

    Importing the same bundle twice changes nothing.

    Example: regrow import BUNDLE.json --json
    """
    from regrow.interop import BadBundle, read_bundle

    try:
        read = read_bundle(read_json(bundle))
    except BadBundle as mistake:
        raise UsageError(f"{bundle}: {mistake}") from mistake
    set_up_django(database)
    bring_up_to_date()
    from regrow.web.audit import api as audit
    from regrow.web.patients.api import apply_import
    from regrow.web.platform.database import writing

    with writing():
        patient, changed = apply_import(read, author="import")
        audit.append(who="shell", role="", action="write", what="chart: import", patient=str(patient.id))
    answer = {
        "patient": str(patient.id),
        "name": patient.name,
        "taken": dict(read.taken),
        "left": [{"resource": item.resource, "count": item.count, "why": item.why} for item in read.left],
        "changed": changed,
    }
    taken = sum(read.taken.values())
    lines = [f"Took {taken} of {read.entries} entries for {patient.name} (chart {patient.mrn}):"]
    lines += [f"  {count} {kind}" for kind, count in read.taken.items()]
    lines += [f"Left {read.entries - taken}:"] + [f"  {i.count} {i.resource}: {i.why}" for i in read.left]
    lines += [f"{changed} facts changed." if changed else "Nothing changed: all of it was here already."]
    show(answer, as_json, "\n".join(lines))


@app.command()
def migrate(database: Database = None) -> None:
    """Create or upgrade the database.

    Example: regrow migrate --database sqlite:////srv/regrow/clinic.sqlite3
    """
    set_up_django(database)
    bring_up_to_date()
    print("The database is up to date.")


@app.command()
def createadmin(
    username: Annotated[str, typer.Argument(help="Username of the medical director.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    name: Annotated[str, typer.Option(help="Full name.")] = "",
    database: Database = None,
) -> None:
    """Create the first account (medical director).

    Example: regrow createadmin dora --name "Dora Okafor, MD"
    """
    set_up_django(database)
    bring_up_to_date()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from regrow.web.accounts.api import Role, User

    if User.objects.filter(username=username).exists():
        raise UsageError(f"the username {username!r} is taken; choose another")
    try:
        validate_password(password)
    except ValidationError as mistake:
        raise UsageError(" ".join(mistake.messages)) from mistake
    first, _, last = name.rpartition(" ")
    User.objects.create_user(
        username, password=password, role=Role.DIRECTOR, first_name=first, last_name=last
    )
    print(f"{username} can sign in as medical director.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Target file; must not exist yet.")],
    database: Database = None,
) -> None:
    """Back up the database online.

    Example: regrow backup /mnt/stick/2026-11-24.sqlite3
    """
    set_up_django(database)
    from .backup import BackupFailed, make_backup

    try:
        make_backup(file)
    except BackupFailed as mistake:
        raise UsageError(str(mistake)) from mistake
    print(f"Backed up to {file}.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup made by `regrow backup`.")], database: Database = None
) -> None:
    """Restore a backup into an empty database.

    Example: regrow restore /mnt/stick/2026-11-24.sqlite3 --database sqlite:////srv/regrow/clinic.sqlite3
    """
    set_up_django(database)
    from .backup import BackupFailed, restore_backup

    try:
        restore_backup(file)
    except BackupFailed as mistake:
        raise UsageError(str(mistake)) from mistake
    print(f"Restored from {file}.")


@audit_app.command("verify")
def audit_verify(database: Database = None) -> None:
    """Verify the audit log and the controlled-substance log.

    Example: regrow audit verify
    """
    open_database(database)
    from regrow.web.audit.api import verify
    from regrow.web.ledger.api import problems as ledger_problems

    problems = [*verify(), *(f"ledger: {problem}" for problem in ledger_problems())]
    if problems:
        raise UsageError("\n".join(problems))
    print("The audit log and the controlled-substance log are intact.")


Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]
Host = Annotated[str, typer.Option(help="The address to listen on.")]


@app.command()
def serve(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    database: Database = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Serving processes (PostgreSQL only).")] = 1,
) -> None:
    """Serve the clinic. With several processes, one of them sends messages and runs the other jobs.

    Example: regrow serve --port 8000
    """
    from .serve import run

    run(host, port, setup=lambda: _ready(database), processes=processes)


@app.command()
def demo(port: Port = 8000, host: Host = "127.0.0.1", database: Database = None) -> None:
    """Start the demo clinic.

    Fictional patients at every stage of care, in a database of their own.

    Example: regrow demo --port 8000
    """
    from regrow.web.platform.paths import data_folder

    from .serve import run

    url = (
        database
        or os.environ.get("REGROW_DATABASE_URL")
        or f"sqlite:///{data_folder().absolute() / 'demo.sqlite3'}"
    )

    os.environ.setdefault("REGROW_PUBLIC_URL", f"http://localhost:{port}")

    def ready() -> None:
        _ready(url)
        from regrow.web.demo.api import LOGINS, PASSWORD, make_demo

        made = make_demo(lambda what: print(f"  creating {what} …", flush=True))
        print("The demo clinic is ready." if made else "The demo clinic already exists.")
        print(f"Sign in with the password {PASSWORD} as:")
        for username, name, role, _ in LOGINS:
            print(f"  {username:6} {name}, {role.label.lower()}")

    run(host, port, setup=ready)


def _ready(database: str | None) -> None:
    print("  preparing the database …", flush=True)
    set_up_django(database)
    bring_up_to_date()


@app.command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run_tests(
    only: Annotated[str | None, typer.Option(help="Run only this part, such as unit or journeys.")] = None,
) -> None:
    """Run the whole test suite.

    Lint, types, import contracts, unit, property, browser, on SQLite and PostgreSQL.

    Example: regrow test --only unit
    """
    from .test_runner import run_suite

    sys.exit(run_suite(only))


@app.command("makemessages", hidden=True)
def update_translations(language: str) -> None:
    """Update the translation catalog of a language from the source and compile it (development only)."""
    _ready(None)
    from django.conf import settings

    known = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    if language not in known:
        raise UsageError(
            f"{language!r} is not a site language ({', '.join(known)}); add it to LANGUAGES first"
        )
    from .translations import write

    count, missing = write(language)
    print(f"{count} messages, {missing} untranslated")


@app.command()
def lock() -> None:
    """Regenerate the lock files from pyproject.toml.

    Example: regrow lock
    """
    from .test_runner import write_locks

    sys.exit(write_locks())
