"""Translation catalogs: extract messages from templates and code, update and compile them.

Needs the development environment (Babel extracts, polib compiles); compiled catalogs are stored with their sources, so
a clinic needs neither.
"""

from io import BytesIO
from pathlib import Path

WEB = Path(__file__).parents[1] / "web"
LOCALE = WEB / "platform" / "locale"
Asked = tuple[str | None, str, str | None]  # context, one, many


def asked_for() -> dict[Asked, list[str]]:
    """Return every message in a template or in code, with its source location."""
    from babel.messages.extract import extract
    from django.utils.translation.template import templatize

    keywords = {
        "gettext": None,
        "gettext_lazy": None,
        "gettext_noop": None,
        "_": None,
        "ngettext": (1, 2),
        "ngettext_lazy": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }
    found: dict[Asked, list[str]] = {}
    for path in sorted([*WEB.rglob("*.html"), *WEB.rglob("*.py")]):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            # In parentheses, because the indentation of a template is not that of Python.
            text = f"({templatize(text)}\n)"
        options = {"encoding": "utf-8"}
        for line, messages, _, context in extract(
            "python", BytesIO(text.encode()), keywords=keywords, options=options
        ):
            one, many = messages if isinstance(messages, tuple) else (messages, None)
            found.setdefault((context, one, many), []).append(f"{path.relative_to(WEB)}:{line}")
    return {key: places for key, places in found.items() if key[1]}


def compiled(language: str) -> bytes:
    """Compile the catalog of a language."""
    import polib

    return bytes(polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po")).to_binary())


def write(language: str) -> tuple[int, int]:
    """Update a catalog and compile it; existing translations stay. Returns (messages, untranslated)."""
    import polib

    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    known = {}
    if path.exists():
        known = {(e.msgctxt, e.msgid): e for e in polib.pofile(str(path))}
    book = polib.POFile(wrapwidth=110)
    book.metadata = {
        "Language": language,
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=n != 1;",
    }
    for (context, one, many), places in sorted(asked_for().items(), key=lambda item: item[0][1]):
        entry = polib.POEntry(
            msgid=one, msgctxt=context, occurrences=[(p.rpartition(":")[0], "") for p in places]
        )
        earlier = known.get((context, one))
        if many is not None:
            entry.msgid_plural = many
            entry.msgstr_plural = earlier.msgstr_plural if earlier else {0: "", 1: ""}
        elif earlier is not None:
            entry.msgstr = earlier.msgstr
        book.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(str(path))
    book.save_as_mofile(str(path.with_suffix(".mo")))
    return len(book), len(book.untranslated_entries())
