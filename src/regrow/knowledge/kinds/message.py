"""Message templates, in each language."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw

_HOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class MessageText:
    """One text of the clinic, by language. `kind` is reminder, answer or crisis."""

    id: str
    kind: str
    subject: Mapping[str, str]
    text: Mapping[str, str]


def read(raw: Raw) -> Mapping[str, MessageText]:
    return {id: MessageText(id, m["kind"], m["subject"], m["text"]) for id, m in raw["messages"].items()}


def check(files: Files, document: KnowledgeFile, made: Mapping[str, MessageText]) -> Iterator[Problem]:
    for id, text in made.items():
        holes = {tongue: set(_HOLE.findall(words)) for tongue, words in text.text.items()}
        for tongue, own in holes.items():
            if own != holes["en"]:
                yield (
                    ["messages", id, "text", tongue],
                    f"fills {sorted(own)}; English fills {sorted(holes['en'])}.",
                )


KIND = Kind(id="message", folder="messages", label="Message templates", read=read, check=check)
