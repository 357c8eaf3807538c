"""References that other files name."""

from collections.abc import Mapping
from dataclasses import dataclass

from regrow.knowledge.kind import Kind, Raw


@dataclass(frozen=True)
class Source:
    key: str
    title: str
    where: str


def read(raw: Raw) -> Mapping[str, Source]:
    return {key: Source(key, value["title"], value["where"]) for key, value in raw.get("sources", {}).items()}


KIND = Kind(id="sources", folder="sources", label="References", read=read)
