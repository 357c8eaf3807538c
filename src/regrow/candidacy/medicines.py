"""Which antidepressant a written name means. Misspellings are offered, never guessed."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from regrow.knowledge import Antidepressant


def find_antidepressant(text: str, known: Sequence[Antidepressant]) -> Antidepressant | None:
    """The medicine whose name or brand stands as a whole word in `text`, such as "Sertraline 100MG"."""
    words = set(re.findall(r"[a-z]+", text.lower()))
    for medicine in known:
        names = [medicine.id, *medicine.brands]
        if any(set(re.findall(r"[a-z]+", name.lower())) <= words for name in names):
            return medicine
    return None


def suggest_spelling(text: str, known: Sequence[Antidepressant]) -> Sequence[str]:
    """Names near to what was written, for a person to choose from."""
    names = {name.lower(): name for medicine in known for name in [medicine.id, *medicine.brands]}
    return [names[match] for match in get_close_matches(text.strip().lower(), names, n=3, cutoff=0.75)]
