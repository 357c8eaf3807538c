"""Convert a total between scales by a published table, on request, and labeled as a conversion."""

from dataclasses import dataclass

from regrow.knowledge import Crosswalk, Scale

from .change import NotComparable
from .scoring import Total, shown


@dataclass(frozen=True)
class Converted:
    """A converted total: a range, and the sentence that must accompany it."""

    scale: str
    lowest: int
    highest: int
    crosswalk: str
    version: int
    text: str


def convert(crosswalk: Crosswalk, total: Total, *, from_scale: Scale, to_scale: Scale) -> Converted:
    """Convert in either direction of the table. Raises `NotComparable` when the table cannot."""
    ends = (crosswalk.from_scale, crosswalk.to_scale)
    if (from_scale.id, to_scale.id) not in (ends, ends[::-1]):
        raise NotComparable(
            f"{crosswalk.title} does not convert {from_scale.title} to {to_scale.title}; "
            f"it joins {ends[0]} and {ends[1]}"
        )
    if not isinstance(total, int):
        raise NotComparable(
            f"a prorated total ({shown(total)}) cannot be converted; the table has whole numbers only"
        )
    rows = crosswalk.rows if from_scale.id == ends[0] else [(to, from_) for from_, to in crosswalk.rows]
    found = [to for (lowest, highest), to in rows if lowest <= total <= highest]
    if not found:
        raise NotComparable(f"{crosswalk.title} has no row for a {from_scale.title} of {total}")
    lowest, highest = min(low for low, _ in found), max(high for _, high in found)
    span = f"{lowest}" if lowest == highest else f"{lowest} to {highest}"
    text = (
        f"{from_scale.title} {total} corresponds to {to_scale.title} {span} in a published table "
        f"({crosswalk.population}); it was not measured"
    )
    return Converted(to_scale.id, lowest, highest, crosswalk.id, crosswalk.version, text)
