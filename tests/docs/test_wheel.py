"""The built wheel runs the demo clinic from an environment of its own, away from the source tree."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from .pages import ROOT


@dataclass(frozen=True)
class Installed:
    """The `regrow` command of a fresh environment, and the empty folder it runs in."""

    command: Path
    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.command), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel with hatchling, and install it with the locked dependencies, from the installer's cache if possible."""
    folder: Path = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT)
    (wheel,) = folder.glob("regrow-*.whl")
    fresh = folder / "environment"
    venv.create(fresh, with_pip=False)
    _install(fresh, "--require-hashes", "-r", str(ROOT / "requirements" / "base.txt"))
    _install(fresh, "--no-deps", str(wheel))
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(elsewhere), "REGROW_DATA": str(elsewhere / "data")}
    return Installed(fresh / "bin" / "regrow", elsewhere, environment)


def _install(fresh: Path, *what: str) -> None:
    """Install with uv where the launcher put it, else with pip; without the network first."""
    python, uv = str(fresh / "bin" / "python"), Path(sys.executable).parent / "uv"
    if uv.exists():
        command = [str(uv), "pip", "install", "--quiet", "--python", python]
        if subprocess.run([*command, "--offline", *what], check=False, capture_output=True).returncode:
            _run([*command, *what])
    else:
        _run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", *what])


def _run(command: list[str], cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_wheel_contains_every_file_of_the_package(installed: Installed) -> None:
    """Content files, templates, static files and translations as well as code."""
    tracked = subprocess.run(
        ["git", "ls-files", "src/regrow"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (package,) = installed.command.parents[1].glob("lib/python3*/site-packages/regrow")

    missing = [
        name
        for name in tracked.stdout.splitlines()
        if (ROOT / name).exists() and not (package / Path(name).relative_to("src/regrow")).exists()
    ]
    assert missing == []
    assert (package / "py.typed").exists()


def test_commands_run_away_from_the_source_tree(installed: Installed) -> None:
    assert "Usage: regrow" in installed.run("--help").stdout
    checked = installed.run("knowledge", "check")
    assert checked.returncode == 0, checked.stderr
    scored = installed.run("score", "phq-9", "--answers", "3,3,2,3,2,2,3,2,1", "--json")
    assert '"total": 21' in scored.stdout


@pytest.mark.parametrize("command", ["test", "lock"])
def test_developer_commands_say_that_they_need_a_checkout(installed: Installed, command: str) -> None:
    done = installed.run(command)

    assert done.returncode == 2
    assert "needs a checkout" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def demo(installed: Installed) -> Iterator[str]:
    """The address of `regrow demo`, which is stopped at the end as by Ctrl-C."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = installed.folder / "demo.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [str(installed.command), "demo", "--port", str(port)],
            cwd=installed.folder,
            env=installed.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + 300
        while "Regrow is at" not in log.read_text(encoding="utf-8"):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < until, log.read_text(encoding="utf-8")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()


def fetch(address: str, language: str = "en") -> tuple[int, str]:
    """Return status and text of a page."""
    request = urllib.request.Request(address, headers={"Accept-Language": language})
    until = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def test_the_wheel_serves_the_demo_clinic(demo: str) -> None:
    """Home and sign-in page with their styles, in English and from the compiled Spanish catalog."""
    status, home = fetch(f"{demo}/")
    assert status == 200
    assert "Happy Healthy New York" in home
    styles = [part.split('"')[0] for part in home.split('rel="stylesheet" href="')[1:]]
    assert styles
    for style in styles:
        status, text = fetch(f"{demo}{style}")
        assert (status, len(text) > 1000) == (200, True), style

    status, sign_in = fetch(f"{demo}/login/")
    assert status == 200
    assert 'name="username"' in sign_in and 'name="password"' in sign_in

    status, spanish = fetch(f"{demo}/", language="es")
    assert status == 200
    assert '<html lang="es"' in spanish and spanish != home
