"""MkDocs hook: top-level Markdown files as pages of the site, and folders as entries of the navigation.

Links such as `../CONTRIBUTING.md` work in the repository; here they are pointed at the page of the same file.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {
    "CHANGELOG.md": "changelog.md",
    "CODE_OF_CONDUCT.md": "contributing/code-of-conduct.md",
    "CONTRIBUTING.md": "contributing/README.md",
    "SECURITY.md": "security.md",
    "changelog.d/README.md": "contributing/changelog-fragments.md",
}
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")


def on_config(config: Any) -> Any:
    """Expand each navigation entry that names a folder (`decisions/`) into its pages, README first."""
    docs = Path(config["docs_dir"])

    def expanded(entry: Any) -> Any:
        if isinstance(entry, list):
            return [expanded(item) for item in entry]
        if isinstance(entry, dict):
            return {title: expanded(value) for title, value in entry.items()}
        if not entry.endswith("/"):
            return entry
        pages = sorted((docs / entry).glob("*.md"), key=lambda path: (path.name != "README.md", path.name))
        return [path.relative_to(docs).as_posix() for path in pages]

    config["nav"] = expanded(config["nav"])
    return config


def on_files(files: Files, *, config: Any) -> Files:
    for source, page in TOP_LEVEL.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=_rewritten(text, page, posixpath.dirname(source))))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Files) -> str:
    if page.file.src_uri in TOP_LEVEL.values():
        return markdown
    return _rewritten(
        markdown, page.file.src_uri, posixpath.join("docs", posixpath.dirname(page.file.src_uri))
    )


def _rewritten(markdown: str, page: str, folder: str) -> str:
    """Point links at pages of the site; `folder` is where the text's relative links start in the repository."""

    def target(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, match[1]))
        uri = TOP_LEVEL.get(path, path.removeprefix("docs/") if path.startswith("docs/") else "")
        if not uri:
            return match[0]
        return f"]({posixpath.relpath(uri, posixpath.dirname(page) or '.')}{match[2] or ''})"

    return _LINK.sub(target, markdown)
