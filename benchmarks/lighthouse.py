"""Patients' pages by Lighthouse, as over a simulated slow 4G: scores, and the time until the page can be used.

`npm install lighthouse` in a folder of your own, then, with `./regrow demo` running:
`python benchmarks/lighthouse.py FOLDER [--port 8000] [--database FILE]`. Needs the development environment (Playwright
opens the pages that ask for a date of birth) and a Chromium.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

SLOWEST_S, LEAST = 1.5, 95


def option(name: str, default: str) -> str:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def main() -> int:
    folder, port = Path(sys.argv[1]), option("--port", "8000")
    home = Path(os.environ.get("REGROW_DATA", Path.home() / ".local/share/regrow"))
    base, database = f"http://localhost:{port}", option("--database", str(home / "demo.sqlite3"))
    chromium = os.environ.get("REGROW_CHROMIUM") or shutil.which("chromium") or ""
    links = dict(_links(database))
    pages = {"home": "/", "home, Spanish": "/", "write": "/contact/", "questions": "/learn/faq/"}
    pages |= {"check-in": f"{links['c']}2/", "own page": links["p"]}
    pages |= {"plan": f"{links['p']}choose/", "consent": f"{links['p']}consent/"}
    pages |= {"share": f"{links['p']}share/", "card": links["p"].replace("/p/", "/k/")}
    pages |= {
        "before: a question": f"{links['i']}q-seizures/",
        "before: medicines": f"{links['i']}medicines/",
    }
    pages |= {"the talk": f"{links['i']}talk/", "learn": "/learn/", "the way": "/learn/getting-started/"}
    pages |= {"short picture": "/learn/how-ketamine-works/short/", "picture": "/learn/how-ketamine-works/"}
    pages |= {"routes": "/learn/compare/", "STAR*D": "/evidence/star-d/", "evidence": "/evidence/"}
    cookie = _cookie(base, chromium, database)
    bad = 0
    print(f"{'':18} {'perf':>5} {'access':>6} {'best':>5} {'seo':>4} {'usable':>7}")
    for name, path in pages.items():
        spanish = "; language=es" if "Spanish" in name else ""
        found = _run(folder, chromium, base + path, {"Cookie": cookie + spanish})
        scores = [round(100 * c["score"]) for c in found["categories"].values()]
        usable = found["audits"]["interactive"]["numericValue"] / 1000
        bad += min(scores) < LEAST or usable > SLOWEST_S
        print(f"{name:18} {scores[0]:5} {scores[1]:6} {scores[2]:5} {scores[3]:4} {usable:6.2f}s")
    print("all within" if not bad else f"{bad} pages are not", f"({LEAST} in each, {SLOWEST_S} s)")
    return bad


def _links(database: str) -> list[tuple[str, str]]:
    with sqlite3.connect(database) as records:
        return [(kind, records.execute(_LINK, (f"/{kind}/%",)).fetchone()[0]) for kind in ("c", "p", "i")]


_LINK = "select link from frontdesk_message where link like ? and patient_id is not null order by created_at limit 1"
_BORN = "select born from chart_patient p join frontdesk_message m on m.patient_id = p.id where m.link = ? limit 1"


def _cookie(base: str, chromium: str, database: str) -> str:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for _, link in _links(database):
            with sqlite3.connect(database) as records:
                year, month, day = records.execute(_BORN, (link,)).fetchone()[0].split("-")
            page.goto(base + link)
            for name, value in (("month", month), ("day", day), ("year", year)):
                page.fill(f"input[name={name}]", value)
            page.keyboard.press("Enter")
            page.locator("#birth").wait_for(state="detached")
        found = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
        browser.close()
        return found


def _run(folder: Path, chromium: str, address: str, headers: dict[str, str]) -> dict:
    with tempfile.TemporaryDirectory() as place:
        told, out = Path(place) / "headers.json", Path(place) / "out.json"
        told.write_text(json.dumps(headers))
        command = ["node", str(folder / "node_modules/lighthouse/cli/index.js"), address, "--quiet"]
        command += ["--output=json", f"--output-path={out}", f"--extra-headers={told}"]
        command += ["--chrome-flags=--headless=new --no-sandbox"]
        subprocess.run(command, env={**os.environ, "CHROME_PATH": chromium}, check=True)
        return json.loads(out.read_text())


if __name__ == "__main__":
    sys.exit(main())
