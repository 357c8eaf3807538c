"""A published table that converts totals of one scale to those of another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw


@dataclass(frozen=True)
class Crosswalk:
    """A published table from one scale's totals to another's. Rows are two ranges, each (lowest, highest)."""

    id: str
    version: int
    title: str
    from_scale: str
    to_scale: str
    population: str
    mark: str
    source: str
    rows: Sequence[tuple[tuple[int, int], tuple[int, int]]]


def read(raw: Raw) -> Crosswalk:
    return Crosswalk(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        from_scale=raw["from"],
        to_scale=raw["to"],
        population=raw["population"],
        mark=raw["mark"],
        source=raw["source"],
        rows=tuple(((r["from"][0], r["from"][1]), (r["to"][0], r["to"][1])) for r in raw["rows"]),
    )


def check(files: Files, document: KnowledgeFile, crosswalk: Crosswalk) -> Iterator[Problem]:
    for end, id, place in (("from", crosswalk.from_scale, 0), ("to", crosswalk.to_scale, 1)):
        if id not in files.ids("scale"):
            yield [end], f"there is no scale {id!r}."
            continue
        total = files.document("scale", id).contents["total"]
        for index, row in enumerate(crosswalk.rows):
            lowest, highest = row[place]
            if not total["min"] <= lowest <= highest <= total["max"]:
                yield (
                    ["rows", index],
                    f"{lowest} to {highest} is not within {total['min']} to {total['max']}.",
                )


KIND = Kind(id="crosswalk", folder="crosswalks", label="Score conversion", read=read, check=check)
