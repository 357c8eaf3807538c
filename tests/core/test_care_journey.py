"""The stage of a care journey follows from its milestones; every patient is in exactly one stage."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from regrow.course import STAGES, CareJourney, journey_status

START = datetime(2026, 10, 1, 12, tzinfo=UTC)
NOW = START + timedelta(days=30)


def after(days: float) -> datetime:
    return START + timedelta(days=days)


def test_a_journey_passes_every_stage_in_order() -> None:
    journey = CareJourney(wrote_at=START)
    steps = [
        ("inquiry", {}),
        ("screen", {"charted_at": after(1)}),
        ("screen", {"intake_completed_at": after(2), "interview_at": after(60)}),
        ("interview", {"interview_at": after(3)}),
        ("eligibility", {"interviewed_at": after(3)}),
        ("benefits", {"determined_at": after(4), "route": "spravato"}),
        ("authorization", {"benefits_at": after(5)}),
        ("estimate", {"authorized_at": after(9)}),
        ("scheduled", {"estimate_given_at": after(10)}),
        ("induction", {"booked_at": after(11), "planned": 8}),
        ("induction", {"held": 7, "last_held_at": after(20)}),
        ("review", {"held": 8, "last_held_at": after(25)}),
        ("maintenance", {"reviewed_at": after(26)}),
        ("closed", {"closed_at": after(28)}),
    ]
    for stage, what in steps:
        journey = replace(journey, **what)
        found = journey_status(journey, NOW)
        assert found.stage == stage
        assert found.missing or stage in ("maintenance", "closed")
        assert found.since <= NOW


def test_iv_ketamine_needs_no_benefits_verification() -> None:
    journey = CareJourney(START, after(1), None, after(2), after(3), after(4), "iv-racemic")
    assert journey_status(journey, NOW).stage == "estimate"


def test_a_new_session_after_a_review_asks_for_a_review_again() -> None:
    journey = CareJourney(
        START, after(1), booked_at=after(2), held=7, planned=6, last_held_at=after(9), reviewed_at=after(8)
    )
    assert journey_status(journey, NOW).stage == "review"


def test_a_review_at_the_time_of_the_last_session_counts() -> None:
    journey = CareJourney(START, after(1), booked_at=after(2), held=6, planned=6, last_held_at=after(9))
    assert journey_status(replace(journey, reviewed_at=after(9)), NOW).stage == "maintenance"
    before = after(9) - timedelta(microseconds=1)
    assert journey_status(replace(journey, reviewed_at=before), NOW).stage == "review"


@given(st.data())
def test_any_milestones_give_one_stage_and_a_time(data: st.DataObject) -> None:
    moment = st.none() | st.floats(0, 29).map(after)
    held = data.draw(st.integers(0, 8))
    journey = CareJourney(
        START,
        *(data.draw(moment) for _ in range(5)),
        route=data.draw(st.sampled_from(["", "spravato", "iv-racemic"])),
        benefits_at=data.draw(moment),
        authorized_at=data.draw(moment),
        estimate_given_at=data.draw(moment),
        booked_at=data.draw(moment),
        held=held,
        planned=6,
        last_held_at=after(20) if held else None,
        reviewed_at=data.draw(moment),
        closed_at=data.draw(moment),
    )
    found = journey_status(journey, NOW)
    assert found.stage in {id for id, _ in STAGES} | {"closed"}
    assert START <= found.since <= NOW
