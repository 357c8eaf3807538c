"""Derive the log entries that a session still needs, to the microgram."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .balance import SessionUsage
from .ledger_entries import LedgerAction


@dataclass(frozen=True)
class SessionUse:
    """One container in a session log, in the order of the first draw.

    `wasted_ug` was wasted from the container itself, before a witness.
    """

    container: str
    drawn_ug: int
    wasted_ug: int


@dataclass(frozen=True)
class Movement:
    """An entry to make. `ug` is negative where the session log was corrected."""

    act: LedgerAction
    container: str
    ug: int
    of_drawn: bool = False


def movements(
    used: Sequence[SessionUse],
    known: Mapping[str, SessionUsage],
    *,
    given_ug: int | None,
    wasted_after_ug: int,
) -> Sequence[Movement]:
    """Return the entries that make the log agree with the session.

    `given_ug` is the administered dose, None until it has ended; `wasted_after_ug` was wasted from the preparation.
    Where several containers make one preparation, the first drawn counts as given first.
    """
    left_to_give, left_to_waste = given_ug or 0, wasted_after_ug
    found: list[Movement] = []
    for use in used:
        given = min(use.drawn_ug, left_to_give)
        wasted_after = min(use.drawn_ug - given, left_to_waste) if given_ug is not None else 0
        left_to_give -= given
        left_to_waste -= wasted_after
        want = SessionUsage(use.drawn_ug, given, use.wasted_ug, wasted_after)
        found += _differences(use.container, want, known.get(use.container, SessionUsage()))
    gone = [name for name in known if name not in {use.container for use in used}]
    for name in gone:
        found += _differences(name, SessionUsage(), known[name])
    return found


def _differences(container: str, want: SessionUsage, have: SessionUsage) -> Iterator[Movement]:
    for act, of_drawn, difference in (
        (LedgerAction.DRAW, False, want.drawn_ug - have.drawn_ug),
        (LedgerAction.ADMINISTER, False, want.given_ug - have.given_ug),
        (LedgerAction.WASTE, True, want.wasted_after_ug - have.wasted_after_ug),
        (LedgerAction.WASTE, False, want.wasted_ug - have.wasted_ug),
    ):
        if difference:
            yield Movement(act, container, difference, of_drawn)
