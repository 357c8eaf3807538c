"""Account for every microgram: drawn from a container, given, wasted with a witness, or remaining."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .events import EffectiveEvent, Kind
from .projection import SessionProjection

PREPARATION = "preparation"


@dataclass(frozen=True)
class ContainerLine:
    """One container, or the preparation made from them (syringe, bag, opened devices). All in micrograms.

    `left_ug` is what is neither given, drawn on nor wasted; `open` while that has to be accounted for.
    """

    container: str
    lot: str
    held_ug: int | None
    out_ug: int
    wasted_ug: int
    left_ug: int | None
    open: bool
    text: str


def container_lines(seen: SessionProjection) -> Sequence[ContainerLine]:
    """Each container and the preparation. Empty while nothing was drawn."""
    draws: dict[str, list[EffectiveEvent]] = {}
    for entry in seen.of(Kind.DRAW):
        draws.setdefault(str(entry.data["container"]), []).append(entry)
    if not draws:
        return ()
    wasted = _wasted(seen)
    lines = [_container(name, entries, wasted.get(name, 0)) for name, entries in draws.items()]
    drawn = sum(_ug(e.data["drawn_mg"]) for entries in draws.values() for e in entries)
    given = micrograms(seen.delivered_mg)
    gone = wasted.get(PREPARATION, 0)
    left = drawn - given - gone
    finished = seen.ended_at is not None or seen.departed is not None
    text = f"prepared {_mg(drawn)}, given {_mg(given)}, wasted {_mg(gone)}, left {_mg(left)}"
    lines.append(ContainerLine(PREPARATION, "", drawn, given, gone, left, left != 0 and finished, text))
    return lines


def unwitnessed(seen: SessionProjection) -> Sequence[EffectiveEvent]:
    """Waste entries without a witness."""
    witnessed = {str(e.data["waste"]) for e in seen.of(Kind.WITNESS)}
    return [e for e in seen.of(Kind.WASTE) if e.id not in witnessed]


def left_in(seen: SessionProjection, container: str) -> int | None:
    """Micrograms that a container (or the preparation) still holds; None when it is not known."""
    return next((line.left_ug for line in container_lines(seen) if line.container == container), None)


def micrograms(mg: Fraction) -> int:
    return round(mg * 1000)


def _container(name: str, entries: Sequence[EffectiveEvent], wasted: int) -> ContainerLine:
    first = entries[0].data
    out = sum(_ug(e.data["drawn_mg"]) for e in entries)
    held = _ug(first["size_mg"]) if first.get("size_mg") else None
    left = None if held is None else held - out - wasted
    single = first.get("single_dose", True)
    is_open = bool(left) if left is not None and (single or left < 0) else False
    text = f"{name}: drawn {_mg(out)}" + (f" of {_mg(held)}" if held is not None else "")
    text += f", wasted {_mg(wasted)}, left {_mg(left)}" if left is not None else ""
    return ContainerLine(name, str(first.get("lot", "")), held, out, wasted, left, is_open, text)


def _wasted(seen: SessionProjection) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for entry in seen.of(Kind.WASTE):
        name = str(entry.data["container"])
        found[name] = found.get(name, 0) + _ug(entry.data["mg"])
    return found


def _ug(mg: object) -> int:
    return micrograms(Fraction(str(mg)))


def _mg(ug: int) -> str:
    whole, rest = divmod(abs(ug), 1000)
    text = f"{whole}.{rest:03d}".rstrip("0").rstrip(".")
    return f"{'-' if ug < 0 else ''}{text} mg"
