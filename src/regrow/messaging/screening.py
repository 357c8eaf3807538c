"""What somebody's message says that must be heard: no more messages, messages again, danger, and the language."""

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
    """`crisis` holds the words that were heard, in the order of the rules; empty when none was.

    `agrees` and `declines` are for who asked something; a message with words of danger is never either.
    """

    opts_out: bool
    opts_in: bool
    crisis: tuple[str, ...]
    language: str | None
    agrees: bool = False
    declines: bool = False


def screen_message(text: str, rules: ContactRules) -> MessageSignals:
    """Listens to a whole message. Opting out takes nothing away from danger: both can be heard in one message.

    What an e-mail quotes of an earlier one is not listened to.
    """
    words = _plain(_without_quotes(text))
    alone = _alone(words)
    crisis = tuple(
        dict.fromkeys(
            [said for said in rules.crisis.alone if alone == _plain(said)]
            + [said for said in rules.crisis.anywhere if _within(words, said)]
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


def render_message(message: MessageText, language: str, **filled: str) -> tuple[str, str]:
    """Subject and text in a language, filled; English where the language is not written yet."""
    tongue = language if language in message.text else "en"
    return message.subject[tongue].format(**filled), message.text[tongue].format(**filled)


def _without_quotes(text: str) -> str:
    kept = []
    for line in text.splitlines():
        if _QUOTED.match(line):
            if not line.lstrip().startswith(">"):
                break
            continue
        kept.append(line)
    return "\n".join(kept)


def _plain(text: str) -> str:
    """Lower case, without accents, apostrophes and signs, one space between words: how people type on a telephone."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    bare = re.sub(r"['’‘`´]", "", bare)
    return " ".join(re.findall(r"[^\W_]+", bare))


def _alone(words: str) -> str:
    """The message without greetings and thanks: "Stop please!" is "stop"."""
    left = [word for word in words.split() if word not in _POLITE]
    return " ".join(left)


def _says(alone: str, words: str, said: PhraseList) -> bool:
    return alone in {_plain(s) for s in said.alone} or any(_within(words, s) for s in said.anywhere)


def _within(words: str, said: str) -> bool:
    return f" {_plain(said)}" in f" {words}"


def _language(words: str, rules: ContactRules) -> str | None:
    """The language more of whose telling words stand in the message; None when that cannot be told."""
    found = set(words.split())
    tongues: Mapping[str, int] = {
        tongue: len(found & {_plain(w) for w in telling}) for tongue, telling in rules.tongues.items()
    }
    best = max(tongues.values(), default=0)
    leading = [tongue for tongue, count in tongues.items() if count == best]
    return leading[0] if best and len(leading) == 1 else None
