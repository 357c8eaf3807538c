"""What every test may use. SQLite tests run on a real file, as the clinic does."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.run_seed import NAME, choose_run_seed

os.environ.setdefault("REGROW_DATA", tempfile.mkdtemp(prefix="regrow-data-"))
os.environ.setdefault("REGROW_DATABASE_URL", f"sqlite:///{os.environ['REGROW_DATA']}/regrow.sqlite3")

# A Monday before the end of daylight-saving time in New York (1 November 2026, 2:00).
MONDAY = datetime(2026, 10, 26, 13, 0, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    """Give the order of the tests the seed of the run."""
    seed = choose_run_seed()
    if config.getoption("randomly_seed", None) == "default":
        config.option.randomly_seed = seed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"{NAME}={choose_run_seed()} repeats the order and the random inputs")


class Clock:
    """A clock that advances only when set."""

    def __init__(self, start: datetime) -> None:
        self.at = start

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        folder: Path = tmp_path_factory.mktemp("database")
        database.setdefault("TEST", {})["NAME"] = str(folder / "test.sqlite3")
    elif os.environ.get("PYTEST_XDIST_WORKER"):
        database.setdefault("TEST", {})["NAME"] = f"test_regrow_{os.environ['PYTEST_XDIST_WORKER']}"


@pytest.fixture(autouse=True)
def fast_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def clock():
    from regrow.web.platform import clock as site_clock

    standing = Clock(MONDAY)
    with site_clock.using(standing):
        yield standing
