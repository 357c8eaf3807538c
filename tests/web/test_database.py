"""Where a database address leads."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from regrow.web.platform.database import BadDatabaseUrl, database_settings


def test_three_slashes_are_here_and_four_are_absolute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    assert database_settings("sqlite:///clinic.sqlite3")["NAME"] == str(tmp_path / "clinic.sqlite3")
    assert database_settings("sqlite:////srv/a%20b/clinic.sqlite3")["NAME"] == "/srv/a b/clinic.sqlite3"


def test_postgresql_takes_user_host_port_and_a_socket_folder() -> None:
    found = database_settings("postgresql://lin:p%40ss@db.example:5433/clinic")
    assert tuple(found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")) == (
        "lin",
        "p@ss",
        "db.example",
        "5433",
        "clinic",
    )
    assert database_settings("postgresql://postgres:@/clinic?host=/run/pg")["HOST"] == "/run/pg"


@pytest.mark.parametrize(
    "url", ["", "clinic.sqlite3", "mysql://x/y", "sqlite://", "sqlite:///", "sqlite://host/x"]
)
def test_what_is_no_address_shows_what_one_looks_like(url: str) -> None:
    with pytest.raises(BadDatabaseUrl, match="use sqlite:////path/to/file or postgresql://user@host/name"):
        database_settings(url)


@pytest.mark.django_db
def test_every_model_is_what_its_migrations_make() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=said)
    except SystemExit:
        pytest.fail(f"run makemigrations (docs/contributing/adding-a-page.md):\n{said.getvalue()}")
