"""The protocol's suggestion, at its boundaries, and what it never does."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow import knowledge
from regrow.course import Course, CourseScore, GivenDose
from regrow.dosing import (
    ContactToday,
    Hold,
    NoSuggestion,
    Review,
    Start,
    StepDown,
    StepUp,
    next_step,
    suggested_dose,
)
from regrow.knowledge import Limits

PROTOCOL = knowledge.protocol("iv-weekly-6")
LIMITS = Limits.of(knowledge.demo_limits("iv-weekly-6"))
PHQ9 = knowledge.scale("phq-9")
T0 = datetime(2026, 10, 26, 13, 0, tzinfo=UTC)


def score(week: float, total: int | None, item_9: int | None = 0) -> CourseScore:
    return CourseScore(f"s{week}", "phq-9", 2, "en", 14, total, item_9, T0 + timedelta(weeks=week))


def dose(week: float, mg_per_kg: str = "0.5", percent: str = "100", tolerated: bool = True) -> GivenDose:
    at = T0 + timedelta(weeks=week, hours=2)
    return GivenDose(f"d{week}", at, D(mg_per_kg), D(40), D(percent), tolerated)


def suggest(scores, doses, week: float, alerts=()):
    course = Course("c", PROTOCOL.id, scores, doses, alerts)
    return next_step(PROTOCOL, LIMITS, PHQ9, course, at=T0 + timedelta(weeks=week, hours=1))


def test_the_first_infusion_starts_at_the_protocols_dose() -> None:
    assert isinstance(suggest([score(0, 21)], [], 0), Start)


@pytest.mark.parametrize(("now", "kind"), [(11, StepUp), (10, Hold), (9, Hold), (21, StepUp), (24, StepUp)])
def test_half_of_the_baseline_holds_and_one_point_more_steps_up(now: int, kind: type) -> None:
    suggestion = suggest([score(0, 21), score(1, now)], [dose(0)], 1)

    assert isinstance(suggestion, kind)


def test_a_step_is_one_rung_and_the_cap_ends_the_ladder() -> None:
    assert suggested_dose(suggest([score(0, 21), score(1, 20)], [dose(0)], 1)) == D("0.6")
    top = suggest([score(0, 21), score(1, 20)], [dose(0, "0.9")], 1)
    assert isinstance(top, Hold)
    assert top.bounded_by == "cap of the protocol, 0.9 mg/kg"


def test_never_a_step_up_on_a_dose_that_was_not_given_in_full() -> None:
    assert isinstance(suggest([score(0, 21), score(1, 20)], [dose(0, percent="79.9")], 1), Hold)
    assert isinstance(suggest([score(0, 21), score(1, 20)], [dose(0, percent="80.0")], 1), StepUp)


def test_edge_11_where_published_rules_disagree_both_choices_stand_and_partial_doses_do_not_count() -> None:
    """Three full doses without improvement: stop, or step up. Neither is suggested; the prescriber chooses."""
    weeks = [score(0, 21), score(1, 20), score(2, 19), score(3, 18)]
    review = suggest(weeks, [dose(0), dose(1), dose(2)], 3)

    assert isinstance(review, Review)
    assert len(review.choices) == 2
    assert suggested_dose(review) is None
    assert review.because[0].records == ["d0", "d1", "d2"]
    assert isinstance(suggest(weeks, [dose(0), dose(1, percent="70"), dose(2)], 3), StepUp)
    assert isinstance(suggest([*weeks[:3], score(3, 16)], [dose(0), dose(1), dose(2)], 3), StepUp)
    assert isinstance(suggest([weeks[0], score(1, 16), *weeks[2:]], [dose(0), dose(1), dose(2)], 3), StepUp)


def test_a_dose_that_was_not_tolerated_steps_down() -> None:
    down = suggest([score(0, 21), score(1, 20)], [dose(0, "0.6", tolerated=False)], 1)

    assert isinstance(down, StepDown)
    assert down.to == D("0.5")


@pytest.mark.parametrize(
    ("sheet", "week", "words"),
    [
        (None, 1, "taken after the last infusion"),
        (score(1, None), 1, "has a blank answer"),
        (score(0.5, 20), 1.5, "7 days old, this protocol needs one from the last 3 days"),
    ],
)
def test_without_a_valid_fresh_score_there_is_no_suggestion(sheet, week, words) -> None:
    scores = [score(0, 21), *([sheet] if sheet else [])]
    suggestion = suggest(scores, [dose(0)], week if sheet else 0.3)

    assert isinstance(suggestion, NoSuggestion)
    assert words in suggestion.missing[0]


def test_new_suicidal_thoughts_or_an_open_alert_call_for_the_patient_today() -> None:
    assert isinstance(suggest([score(0, 21, 0), score(1, 15, 1)], [dose(0)], 1), ContactToday)
    assert isinstance(suggest([score(0, 21), score(1, 15)], [dose(0)], 1, alerts=["a"]), ContactToday)


def test_what_is_recorded_later_does_not_change_a_past_suggestion() -> None:
    scores, doses = [score(0, 21), score(1, 20)], [dose(0)]
    past = suggest(scores, doses, 1)

    assert past == suggest([*scores, score(2, 3)], [*doses, dose(1, "0.6")], 1)


@given(
    st.lists(st.integers(0, 27), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
    st.sampled_from(["0.5", "0.6", "0.75", "0.9"]),
)
def test_never_above_the_cap_and_never_dependent_on_the_order_of_records(totals, chance, given_dose) -> None:
    scores = [score(week, total) for week, total in enumerate(totals)]
    doses = [dose(week, given_dose) for week in range(len(totals) - 1)]
    suggestion = suggest(scores, doses, len(totals) - 1)
    shuffled, shuffled_doses = list(scores), list(doses)
    chance.shuffle(shuffled)
    chance.shuffle(shuffled_doses)

    assert suggestion == suggest(shuffled, shuffled_doses, len(totals) - 1)
    to = suggested_dose(suggestion)
    assert to is None or to <= PROTOCOL.cap_mg_per_kg
