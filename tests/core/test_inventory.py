"""The ledger: every microgram is somewhere, two people stand behind what two people must, nothing can be taken back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.inventory import (
    TWO_PEOPLE,
    Entry,
    LedgerAction,
    SessionUse,
    chain_problems,
    compute_balance,
    entry_hash,
    movements,
    refusal_of,
)
from tests.content import knowledge

RULES = knowledge.custody()
DAY = date(2026, 11, 2)
NOON = datetime(2026, 11, 2, 17, tzinfo=UTC)
VIAL = {"drug": "ketamine", "form": "vial", "lot": "KT1", "expiry": "2027-12-31", "ug": 500_000}
VIAL |= {"size_ml": "10", "single_dose": True, "received_on": DAY.isoformat()}
DEVICE = {**VIAL, "drug": "esketamine", "form": "nasal device", "lot": "24J", "ug": 28_000, "size_ml": "0.2"}


class Book:
    """A log under construction: `say` adds an allowed entry, else returns the refusal."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def say(self, act: LedgerAction, container: str = "", *, on: date = DAY, **more) -> str:
        about = {
            name: more.pop(name)
            for name in ("session", "patient", "reason", "actor", "device")
            if name in more
        }
        entry = Entry(
            number=len(self.entries) + 1,
            id=f"e{len(self.entries) + 1}",
            act=act,
            at=NOON + (on - DAY),
            data=more.pop("data", more),
            container=container,
            actor=about.pop("actor", "nina"),
            **about,
        )
        against = refusal_of(compute_balance(self.entries, RULES), entry, today=on)
        if not against:
            bound = replace(entry, previous_hash=self.entries[-1].hash if self.entries else "")
            self.entries.append(replace(bound, hash=entry_hash(bound)))
        return against

    def vial(self, name: str = "KT1-001", **changes) -> "Book":
        assert self.say(LedgerAction.RECEIVE, name, data={**VIAL, **changes}) == ""
        return self

    def device(self, name: str, patient: str) -> "Book":
        assert self.say(LedgerAction.RECEIVE, name, patient=patient, data=DEVICE) == ""
        return self

    @property
    def held(self):
        return compute_balance(self.entries, RULES)

    @property
    def balance(self) -> tuple[int, int]:
        (balance,) = self.held.balances.values()
        return balance.containers, balance.ug


def test_edge_17_what_came_for_one_patient_goes_to_no_other_and_not_after_its_forty_fifth_day() -> None:
    book = Book().device("24J-001", "beatrix")
    last = DAY + timedelta(days=45)

    assert "dispensed for another patient" in book.say(
        LedgerAction.DRAW, "24J-001", patient="maya", session="s", ug=28_000
    )
    late = book.say(
        LedgerAction.DRAW, "24J-001", patient="beatrix", session="s", on=last + timedelta(days=1), ug=1
    )
    assert f"had to be given by {last.isoformat()}, 45 days after receipt" in late
    assert book.say(LedgerAction.DRAW, "24J-001", patient="beatrix", session="s", on=last, ug=28_000) == ""


def test_edge_17_a_device_whose_patient_did_not_come_leaves_by_a_disposition_of_two() -> None:
    book = Book().device("24J-001", "beatrix")
    assert book.say(LedgerAction.RETURN, "24J-001", reason="No-show; reverse distributor, form 7") == ""
    assert book.held.containers["24J-001"].here  # nothing moves before the second person
    assert book.say(LedgerAction.CONFIRM, entry="e2", actor="noel") == ""

    device = book.held.containers["24J-001"]
    assert (device.here, device.disposed_ug, device.unaccounted_ug) == (False, 28_000, 0)
    assert "is no longer on hand" in book.say(
        LedgerAction.DRAW, "24J-001", patient="beatrix", session="s", ug=1
    )


def test_edge_18_a_single_dose_vial_never_crosses_patients_and_a_multi_dose_one_has_its_days() -> None:
    book = Book().vial()
    assert book.say(LedgerAction.DRAW, "KT1-001", session="monday", patient="maya", ug=40_000) == ""
    again = book.say(LedgerAction.DRAW, "KT1-001", session="tuesday", patient="elias", ug=40_000)
    assert "single dose and was opened in another session" in again

    book.vial("KT1-002", single_dose=False)
    assert book.say(LedgerAction.DRAW, "KT1-002", session="monday", patient="maya", ug=40_000) == ""
    yesterday = {"session": "tuesday", "patient": "elias", "ug": 40_000}
    assert book.say(LedgerAction.DRAW, "KT1-002", on=DAY + timedelta(days=28), **yesterday) == ""
    old = book.say(LedgerAction.DRAW, "KT1-002", on=DAY + timedelta(days=29), **yesterday)
    assert "was opened on 2026-11-02, more than 28 days ago" in old
    assert "holds 420 mg by the log" in book.say(LedgerAction.DRAW, "KT1-002", session="x", ug=430_000)


def test_an_expired_an_unknown_and_an_emptied_container_are_not_drawn_from() -> None:
    book = Book().vial()
    expired = book.say(LedgerAction.DRAW, "KT1-001", session="s", on=date(2028, 1, 1), ug=1)
    assert "expired on 2027-12-31" in expired
    assert "is not in the log" in book.say(LedgerAction.DRAW, "KT9-001", session="s", ug=1)


@pytest.mark.parametrize("act", sorted(TWO_PEOPLE - {LedgerAction.COUNT}))
def test_a_two_person_entry_needs_a_reason_and_a_second_person_on_another_device(act: LedgerAction) -> None:
    book = Book().vial()
    assert "Enter the reason" in book.say(act, "KT1-001", ug=-1)
    assert book.say(act, "KT1-001", ug=-1, reason="dropped", device="tablet-1") == ""

    assert "A second person" in book.say(LedgerAction.CONFIRM, entry="e2")
    assert "different device" in book.say(LedgerAction.CONFIRM, entry="e2", actor="noel", device="tablet-1")
    assert book.balance == (1, 500_000)
    assert book.say(LedgerAction.CONFIRM, entry="e2", actor="noel", device="tablet-2") == ""
    assert book.balance != (1, 500_000)
    assert "already confirmed or withdrawn" in book.say(
        LedgerAction.CONFIRM, entry="e2", actor="noel", device="tablet-2"
    )


def test_an_open_incident_blocks_its_lot_until_the_reason_is_written() -> None:
    book = Book().vial().vial("KT1-002")
    book.say(
        LedgerAction.INCIDENT, data={"lot": "KT1"}, reason="1 sealed container was counted, the ledger has 2."
    )
    assert "Lot KT1 is blocked" in book.say(LedgerAction.DRAW, "KT1-001", session="s", ug=1)

    incident = book.entries[-1].id
    assert "Enter what was found" in book.say(LedgerAction.RESOLVE, incident=incident)
    assert book.say(LedgerAction.RESOLVE, incident=incident, reason="Found in the second drawer") == ""
    assert book.say(LedgerAction.DRAW, "KT1-001", session="s", ug=1) == ""


def test_a_changed_a_missing_and_a_cut_off_entry_are_found() -> None:
    book = Book().vial().vial("KT1-002").vial("KT1-003")
    whole, last = book.entries, book.entries[-1].hash
    changed = [replace(whole[0], container="KT1-009"), *whole[1:]]

    assert chain_problems(whole, count=3, last_hash=last) == []
    assert "entry 1 was changed" in chain_problems(changed, count=3, last_hash=last)[0]
    assert "does not follow" in chain_problems([whole[0], whole[2]], count=3, last_hash=last)[0]
    assert "2 are there" in chain_problems(whole[:2], count=3, last_hash=last)[0]


UG = st.integers(0, 60_000)


@given(st.lists(st.tuples(UG, UG), min_size=1, max_size=3), st.data())
def test_what_a_session_took_adds_up_to_the_microgram_and_a_correction_is_followed(drawn, data) -> None:
    """However the log was corrected, the ledger ends where the log is, and nothing is missing from a container."""

    def uses(amounts: list[tuple[int, int]]) -> list[SessionUse]:
        return [SessionUse(f"v{n}", out, wasted) for n, (out, wasted) in enumerate(amounts)]

    total = sum(out for out, _ in drawn)
    given_ug = data.draw(st.integers(0, total))
    first = movements(uses(drawn), {}, given_ug=None, wasted_after_ug=0)
    book = Book()
    for n in range(len(drawn)):
        book.vial(f"v{n}")

    def follow(moves) -> None:
        for m in moves:
            book.entries.append(
                Entry(
                    len(book.entries) + 1,
                    f"e{len(book.entries) + 1}",
                    m.act,
                    NOON,
                    "nina",
                    {"ug": m.ug, **({"of": "drawn"} if m.of_drawn else {})},
                    container=m.container,
                    session="s",
                )
            )

    follow(first)
    corrected = [(max(0, out - 7), wasted) for out, wasted in drawn]
    given_ug = min(given_ug, sum(out for out, _ in corrected))
    over = {"given_ug": given_ug, "wasted_after_ug": sum(out for out, _ in corrected) - given_ug}
    follow(movements(uses(corrected), book.held.of_session("s"), **over))

    assert [c.unaccounted_ug for c in book.held.containers.values()] == [0] * len(drawn)
    assert [c.out_ug for c in book.held.containers.values()] == [0] * len(drawn)
    assert sum(c.given_ug for c in book.held.containers.values()) == given_ug
    assert movements(uses(corrected), book.held.of_session("s"), **over) == []


@given(st.integers(0, 12), st.randoms(use_true_random=False))
def test_a_ledger_read_in_two_parts_is_the_ledger_read_at_once(cut: int, chance) -> None:
    book = Book().vial().vial("KT1-002")
    for _ in range(10):
        act = chance.choice(
            [
                LedgerAction.DRAW,
                LedgerAction.ADMINISTER,
                LedgerAction.ADJUST,
                LedgerAction.COUNT,
                LedgerAction.CONFIRM,
                LedgerAction.BREAK,
            ]
        )
        more = {"ug": chance.choice([-5, 7, 40_000]), "lot": "KT1", "sealed": 1, "entry": f"e{cut}"}
        container = chance.choice(["KT1-001", "KT1-002"])
        book.say(act, container, session="s", reason="r", actor=chance.choice(["nina", "noel"]), data=more)
    first, rest = book.entries[:cut], book.entries[cut:]

    assert compute_balance(book.entries, RULES) == compute_balance(
        rest, RULES, after=compute_balance(first, RULES)
    )


def test_a_count_of_an_unknown_lot_or_below_zero_is_refused() -> None:
    book = Book().vial()

    def count(**data) -> str:
        return book.say(LedgerAction.COUNT, data={"lot": "KT1", "sealed": 1, **data})

    assert count(lot="KT9") == "Lot 'KT9' is not in the log. Choose a listed lot."
    assert count(sealed=-1) == "Enter a count of 0 or more."
    assert count(open={"KT1-001": -5}) == "Enter a count of 0 or more."
    assert count() == ""


def test_a_discrepancy_that_is_not_open_is_not_resolved() -> None:
    book = Book().vial()

    assert (
        book.say(LedgerAction.RESOLVE, reason="found it", data={"incident": "e9"})
        == "This discrepancy is not open. Reload the page."
    )


def test_a_vial_released_from_quarantine_is_no_longer_held_back() -> None:
    book = Book().vial()

    def twice(act: LedgerAction) -> bool:
        assert book.say(act, "KT1-001", reason="seal looked broken", device="a") == ""
        if act in TWO_PEOPLE:
            confirmed = {"entry": book.entries[-1].id}
            assert book.say(LedgerAction.CONFIRM, actor="noel", device="b", data=confirmed) == ""
        return book.held.containers["KT1-001"].quarantined

    assert [twice(LedgerAction.QUARANTINE), twice(LedgerAction.RELEASE)] == [True, False]
