"""Catalog of clinical limits: the words, unit and plausible bounds of each. Values are signed, never given here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from regrow.knowledge.kind import Files, Kind, KnowledgeFile, Problem, Raw


@dataclass(frozen=True)
class Limit:
    """One limit that a medical director signs a value for.

    `minimum` and `maximum` bound what is plausible, in `unit`; `usual` is a published range, None where there is none.
    `decimals` is the number of decimal places of a value; `signed_by` the role that sets it.
    """

    id: str
    label: str
    unit: str
    minimum: Decimal
    maximum: Decimal
    usual: tuple[Decimal, Decimal] | None
    decimals: int
    signed_by: str
    mark: str
    source: str

    def problem(self, value: Decimal) -> str:
        """Return why a value cannot be signed, or an empty string."""
        if not value.is_finite() or not self.minimum <= value <= self.maximum:
            return f"{self.label}: enter {self.minimum} to {self.maximum} {self.unit}."
        if value != round(value, self.decimals):
            places = f"at most {self.decimals} decimal place{'s' if self.decimals > 1 else ''}"
            return f"{self.label}: enter {places if self.decimals else 'a whole number'}."
        return ""


def read(raw: Raw) -> Mapping[str, Limit]:
    return {
        id: Limit(
            id=id,
            label=limit["label"],
            unit=limit["unit"],
            minimum=Decimal(limit["min"]),
            maximum=Decimal(limit["max"]),
            usual=(Decimal(limit["usual"]["from"]), Decimal(limit["usual"]["to"]))
            if "usual" in limit
            else None,
            decimals=limit["decimals"],
            signed_by=raw["signed_by"],
            mark=limit.get("mark", raw["mark"]),
            source=limit.get("source", raw["source"]),
        )
        for id, limit in raw["limits"].items()
    }


def check(files: Files, document: KnowledgeFile, limits: Mapping[str, Limit]) -> Iterator[Problem]:
    for other in files.documents("limit"):
        if other.id != document.id and other.ours == document.ours:
            for id in limits.keys() & other.contents["limits"].keys():
                yield ["limits", id], f"{id!r} is in {other.path.name} too. Keep one of the two."
    for id, limit in limits.items():
        low, high = limit.usual or (limit.minimum, limit.maximum)
        if not limit.minimum <= low <= high <= limit.maximum or limit.minimum == limit.maximum:
            yield ["limits", id], "the bounds must ascend: min, usual from, usual to, max."


def unknown_limits(files: Files, ids: Iterable[str]) -> Iterator[Problem]:
    """Find the limits that a file lists under `limits` and that no catalog file defines."""
    known = [id for document in files.documents("limit") for id in document.contents["limits"]]
    for id in ids:
        if id not in known:
            near = get_close_matches(id, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            yield (
                ["limits", id],
                f"there is no limit {id!r} in the catalog.{hint} Add it to a file in {KIND.folder}, or correct the id.",
            )


KIND = Kind(id="limit", folder="limit-catalog", label="Clinical limits", read=read, check=check)
