"""Published figures inside a text, each by its key and linked to its evidence entry."""

import re

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from regrow.knowledge import Figure

from .content import knowledge

_KEY = re.compile(r"\{([a-z0-9-]+)(?:\.(value|n|statement))?\}")


def with_figures(text: str, how: str = "linked") -> SafeString:
    """Replace `{key}` by value and statement, `{key.value}` by the value, `{key.n}` by the population.

    `how` is "plain" inside something that is a link itself.
    """
    figures, language = knowledge.figures(), get_language() or "en"
    made, end = [], 0
    for match in _KEY.finditer(text):
        figure = figures[match[1]].in_language(language)
        made.append(escape(text[end : match.start()]))
        made.append(_shown(figure, match[2], linked=how != "plain"))
        end = match.end()
    return mark_safe("".join([*made, escape(text[end:])]))  # every piece is escaped above


def plain_figures(text: str) -> str:
    """Replace figures as plain text."""
    figures, language = knowledge.figures(), get_language() or "en"

    def words(match: re.Match[str]) -> str:
        figure = figures[match[1]].in_language(language)
        return f"{figure.value} {figure.statement}" if match[2] is None else str(getattr(figure, match[2]))

    return _KEY.sub(words, text)


def figures_in(*texts: str) -> list[Figure]:
    """Return the figures in texts, each once, in order."""
    figures, language = knowledge.figures(), get_language() or "en"
    keys = dict.fromkeys(match[1] for text in texts for match in _KEY.finditer(text))
    return [figures[key].in_language(language) for key in keys]


def _shown(figure: Figure, part: str | None, *, linked: bool) -> SafeString:
    if part in ("n", "statement"):
        return escape(getattr(figure, part))
    if not linked:
        return escape(figure.value if part == "value" else f"{figure.value} {figure.statement}")
    link = format_html('<a class="figure" href="{}#{}">{}</a>', reverse("evidence"), figure.key, figure.value)
    return link if part == "value" else format_html("{} {}", link, figure.statement)
