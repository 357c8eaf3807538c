"""Screen an incoming message for opt-out, opt-in, crisis phrases, a yes or no, and its language."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from regrow.knowledge import ContactRules, MessageText, PhraseList

_QUOTED = re.compile(r"^\s*>|^On .* wrote:\s*$|^El .* escribió:\s*$|^-----")
_POLITE = frozenset(
    ["please", "thanks", "thank", "you", "por", "favor", "gracias", "ok", "hi", "hello", "hola"]
)


@dataclass(frozen=True)
class MessageSignals:
    """What a message signals. `crisis` holds the matched phrases, in the order of the rules; empty without a match.

    `agrees` and `declines` answer a question of the clinic; a message with a crisis phrase is neither.
    """

    opts_out: bool
    opts_in: bool
    crisis: tuple[str, ...]
    language: str | None
    agrees: bool = False
    declines: bool = False


def screen_message(text: str, rules: ContactRules) -> MessageSignals:
    """Screen a whole message. An opt-out never hides a crisis phrase: both are reported.

    Quoted text of an earlier email is ignored.
    """
    words = _plain(_without_quotes(text))
    alone = _alone(words)
    crisis = tuple(
        dict.fromkeys(
            [phrase for phrase in rules.crisis.alone if alone == _plain(phrase)]
            + [phrase for phrase in rules.crisis.anywhere if _within(words, phrase)]
        )
    )
    return MessageSignals(
        opts_out=_says(alone, words, rules.opt_out),
        opts_in=_says(alone, words, rules.opt_in),
        crisis=crisis,
        language=_language(words, rules),
        agrees=not crisis and _says(alone, words, rules.agrees),
        declines=not crisis and _says(alone, words, rules.declines),
    )


def render_message(message: MessageText, language: str, **values: str) -> tuple[str, str]:
    """Render subject and text in a language; in English where the language has no text yet."""
    code = language if language in message.text else "en"
    return message.subject[code].format(**values), message.text[code].format(**values)


def _without_quotes(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if _QUOTED.match(line):
            if not line.lstrip().startswith(">"):
                break
            continue
        lines.append(line)
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Normalize text: lower case, without accents, apostrophes and punctuation, single spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    bare = re.sub(r"['’‘`´]", "", bare)
    return " ".join(re.findall(r"[^\W_]+", bare))


def _alone(words: str) -> str:
    """Return the message without greetings and thanks: "Stop please!" is "stop"."""
    left = [word for word in words.split() if word not in _POLITE]
    return " ".join(left)


def _says(alone: str, words: str, phrase: PhraseList) -> bool:
    return alone in {_plain(s) for s in phrase.alone} or any(_within(words, s) for s in phrase.anywhere)


def _within(words: str, phrase: str) -> bool:
    return f" {_plain(phrase)}" in f" {words}"


def _language(words: str, rules: ContactRules) -> str | None:
    """Return the language with more marker words in the message; None on a tie."""
    found = set(words.split())
    counts: Mapping[str, int] = {
        code: len(found & {_plain(w) for w in markers}) for code, markers in rules.tongues.items()
    }
    best = max(counts.values(), default=0)
    leading = [code for code, count in counts.items() if count == best]
    return leading[0] if best and len(leading) == 1 else None
