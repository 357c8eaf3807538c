"""Scores treated as equally severe, for simulated trials only."""

from collections.abc import Mapping, Sequence

from regrow.knowledge.kind import Kind, Raw


def read(raw: Raw) -> Mapping[str, Sequence[tuple[float, float]]]:
    """Points (score on the scale, score on the hub) by scale."""
    return {a["scale"]: [(float(x), float(y)) for x, y in a["points"]] for a in raw["alignments"]}


KIND = Kind(id="alignment", folder="pharmacology/alignment", label="Score alignment", read=read)
