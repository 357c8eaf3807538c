"""Limits that the demo clinic's fictional medical director signs."""

from collections.abc import Mapping

from regrow.knowledge.kind import Kind, Raw


def read(raw: Raw) -> Mapping[str, str]:
    limits: Mapping[str, str] = raw["limits"]
    return limits


KIND = Kind(id="limits", folder="demo", label="Demo limits", read=read)
