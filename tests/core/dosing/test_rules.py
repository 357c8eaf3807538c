"""Titration rules: every published rule and every row of the clinic's tables, at their boundaries."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regrow.course import MedicineChange
from regrow.dosing import Outcome, infusion_of, minutes_within_rate_cap, suggest, suggestion_as_json
from regrow.scales import change
from tests.content import knowledge
from tests.course_factory import asked, course, dose, score, signed, week, word

UP, HOLD, DOWN = Outcome.STEP_UP, Outcome.HOLD, Outcome.STEP_DOWN
NONE, CONTACT, REVIEW = Outcome.NONE, Outcome.CONTACT_TODAY, Outcome.REVIEW

WEIGHTS = knowledge.dosing_weights()


def after_one(now: int | None, first: int = 21, **of):
    """One dose of 0.5 mg/kg, and the score a week later."""
    return asked(course([score(0, first), score(1, now)], [dose(0, **of)]), 1)


# Published rules


def test_kads_steps_up_below_response_and_stops_at_its_cap() -> None:
    given_so_far = []
    for number in range(5):
        scores = [score(0, 30, scale="madrs"), *(score(n, 20, scale="madrs") for n in range(1, number + 1))]
        said = asked(course(scores, given_so_far), number, "t-kads")
        given_so_far.append(dose(number, str(said.dose)))

    assert [d.ordered for d in given_so_far] == [D("0.5"), D("0.6"), D("0.75"), D("0.9"), D("0.9")]
    assert (said.outcome, said.bounded_by) == (HOLD, "cap of the rule, 0.9 mg/kg")


def test_loo_rises_by_a_tenth_from_a_tenth_and_stops_at_response() -> None:
    scores = [score(0, 30, scale="madrs"), score(1, 16, scale="madrs")]
    said = asked(course(scores, [dose(0, "0.1")]), 1, "t-loo")
    held = asked(course([*scores, score(2, 15, scale="madrs")], [dose(0, "0.1"), dose(1, "0.2")]), 2, "t-loo")

    assert (said.outcome, said.dose) == (UP, D("0.2"))
    assert (held.outcome, held.dose) == (HOLD, D("0.2"))
    assert knowledge.titration("t-loo").cap == D("0.5")


def test_cusin_gives_three_doses_at_0_5_then_three_at_0_75_at_any_score() -> None:
    doses, scores = [], [score(0, 21)]
    for number in range(6):
        said = asked(course(scores, doses), number, "t-cusin")
        doses.append(dose(number, str(said.dose)))
        scores.append(score(number + 1, 5))

    assert [str(d.ordered) for d in doses] == ["0.5"] * 3 + ["0.75"] * 3
    protocol, rule = knowledge.infusion_protocol("iv-weekly-6"), knowledge.titration("t-cusin")
    assert infusion_of(protocol, rule, D("0.75"), D(80)).minutes == 45


def test_a_dose_given_in_part_does_not_move_a_schedule_on() -> None:
    scores = [score(n, 20) for n in range(4)]
    doses = [dose(0), dose(1), dose(2, percent="50")]

    assert asked(course(scores, doses), 3, "t-cusin").dose == D("0.5")
    assert asked(course([*scores, score(4, 20)], [*doses, dose(3)]), 4, "t-cusin").dose == D("0.75")


def test_fixed_half_stays_at_0_5() -> None:
    assert asked(course([score(0, 21), score(1, 20)], [dose(0)]), 1, "fixed-half").dose == D("0.5")


def test_the_label_starts_at_56_mg_leaves_both_doses_open_and_reviews_after_eight() -> None:
    under = signed("spravato-label")
    first = asked(course([score(0, 21)], under=under), 0, "spravato-label")
    then = asked(
        course([score(0, 21), score(1, 20)], [dose(0, "56", unit="mg")], under=under), 1, "spravato-label"
    )
    eight = [dose(n / 2, "84", unit="mg") for n in range(8)]
    end = asked(course([score(0, 21), score(4, 9)], eight, under=under), 4, "spravato-label")

    assert (first.outcome, first.dose, first.unit, first.first_dose) == (HOLD, D("56"), "mg", True)
    assert (then.outcome, then.dose, then.also_open) == (HOLD, D("56"), (D("84"),))
    assert (end.outcome, [c.id for c in end.choices]) == (REVIEW, ["continue", "stop"])


def test_the_rate_cap_lengthens_an_infusion() -> None:
    cap = knowledge.titration("weekly-6").rate_cap_mg_per_kg_h
    assert [minutes_within_rate_cap(D(d), 40, cap) for d in ("0.5", "0.75", "0.9", "1.0")] == [40, 45, 54, 60]


# Step up, hold, step down


@pytest.mark.parametrize(
    ("first", "now", "outcome"),
    [
        (21, 11, UP),  # 47.6 %
        (21, 10, HOLD),  # 52.4 %
        (20, 10, HOLD),  # exactly 50 %
        (20, 11, UP),
        (21, 20, UP),
        (21, 21, UP),  # no change is not worse
        (21, 22, CONTACT),
        (10, 5, HOLD),
        (9, 5, UP),  # 44 %
        (7, 4, HOLD),  # 43 %, but remission
    ],
)
def test_response_or_remission_holds_less_steps_up_and_worse_requires_contact(
    first: int, now: int, outcome: Outcome
) -> None:
    assert after_one(now, first).outcome == outcome


def test_response_advises_spacing_and_names_near_misses() -> None:
    held = after_one(10)

    assert held.advice == (knowledge.titration("weekly-6").space_when,)
    assert held.near_misses == ("1 point more would be step up",)
    assert held.would_change == ("PHQ-9 above 10 → step up",)
    assert after_one(11).near_misses == ("1 point short of response (10 or less)",)
    assert after_one(12).near_misses == ("2 points short of response (10 or less)",)
    assert after_one(13).near_misses == ()


@pytest.mark.parametrize(("now", "open_too"), [(16, (D("0.5"),)), (17, ())])
def test_a_fall_of_20_to_49_percent_leaves_a_hold_open_too(now: int, open_too: tuple) -> None:
    said = after_one(now)

    assert (said.outcome, said.dose, said.also_open) == (UP, D("0.6"), open_too)


def test_21_to_16_8_is_a_fall_of_exactly_20_percent() -> None:
    """In binary floats (21 − 16.8)/21 is 19.999999999999996 %."""
    sheet = replace(score(1, 0), total=Fraction("16.8"), prorated=True)
    fall = change(knowledge.scale("phq-9"), baseline=score(0, 21), now=sheet)

    assert fall.falls_at_least(20)
    assert fall.fall == Fraction(1, 5)


@pytest.mark.parametrize(
    ("steps", "last", "expected"), [(2, "0.5", "0.75"), (2, "0.75", "0.9"), (1, "0.5", "0.6")]
)
def test_a_step_up_moves_as_many_dose_steps_as_the_rule_says(steps: int, last: str, expected: str) -> None:
    rule = replace(knowledge.titration("weekly-6"), rungs_per_step=steps)
    case = course([score(0, 21), score(1, 20)], [dose(0, last)])
    found = suggest(
        rule,
        knowledge.scale("phq-9"),
        case,
        at=week(1) + timedelta(hours=1),
        weights=knowledge.dosing_weights(),
    )

    assert (found.outcome, found.dose) == (UP, D(expected))


def test_a_step_up_is_one_dose_step_at_any_score() -> None:
    assert [after_one(now).dose for now in (11, 17, 21)] == [D("0.6")] * 3


def test_an_intolerable_dose_steps_down_and_blocks_step_up_until_cleared() -> None:
    scores = [score(0, 21), *(score(n, 15) for n in range(1, 4))]
    bad = dose(1, "0.75", tolerated=False, because="vomited")
    doses = [dose(0, "0.5"), bad]
    down = asked(course(scores[:3], doses), 2)
    blocked = asked(course(scores, [*doses, dose(2, "0.5")]), 3)
    cleared = asked(course(scores, [*doses, dose(2, "0.5")], words=[word("clearance", 2.5, about="d1")]), 3)

    assert (down.outcome, down.dose, down.because[0].detail) == (DOWN, D("0.5"), "vomited")
    assert any("slowly" in advice for advice in down.advice)
    assert (blocked.outcome, blocked.dose) == (HOLD, D("0.5"))
    assert "blocked until the prescriber clears" in (blocked.bounded_by or "")
    assert (cleared.outcome, cleared.dose) == (UP, D("0.6"))


def test_intolerance_of_the_lowest_dose_leaves_the_decision_to_the_prescriber() -> None:
    said = after_one(20, tolerated=False)

    assert said.outcome == NONE
    assert "no lower dose" in said.missing[0]


@pytest.mark.parametrize(("percent", "outcome"), [("79.9", HOLD), ("80", UP), ("50", HOLD)])
def test_a_dose_given_in_part_is_not_stepped_up_on(percent: str, outcome: Outcome) -> None:
    said = after_one(20, percent=percent)

    assert said.outcome == outcome
    assert said.dose == (D("0.5") if outcome == HOLD else D("0.6"))


def test_new_suicidal_thoughts_or_an_open_alert_require_contact_before_anything_else() -> None:
    stale_and_worse = course([score(0, 21), score(1, None, item_9=1)], [dose(0)])

    assert asked(stale_and_worse, 3).outcome == CONTACT
    assert asked(course([score(0, 21), score(1, 5)], [dose(0)], alerts=["a"]), 1).because[0].records == ("a",)
    assert after_one(5).outcome == HOLD
    assert asked(course([score(0, 21, 2), score(1, 15, 1)], [dose(0)]), 1).outcome == UP  # known at baseline


@pytest.mark.parametrize("sheet", [score(1, 24), score(1, 15, item_9=1)])
def test_after_contact_the_prescriber_decides_not_the_rule(sheet) -> None:
    case = course([score(0, 21), sheet], [dose(0)], words=[word("contact", 1)])

    assert asked(case, 1).outcome == NONE
    assert "prescriber" in asked(case, 1).missing[0]


# No suggestion, and exactly what is missing


@pytest.mark.parametrize(
    ("scores", "at", "words"),
    [
        ([], 0, "none has been answered yet"),
        ([score(0, 21, scale="madrs")], 0, "madrs came in since; this rule does not read it"),
        ([score(0, 21)], 0.3, "taken after the last dose"),
        ([score(0, 21), score(1, None)], 1, "has a blank answer"),
        ([score(0, 21), replace(score(1, 0), total=Fraction(63, 4), prorated=True)], 1, "was prorated"),
        ([score(0, 21), score(1, 10, item_9=None)], 1, "item 9 of the last PHQ-9, which is blank"),
        ([score(0, 21), score(1, 20)], 1.5, "a fresh PHQ-9: the last one is 3 days old"),
        ([score(0, 21), score(0.5, 20)], 0.5, "of the 14 days it looks back on lie before the last dose"),
        ([score(0.5, 20), score(1, 20)], 1, "from before the first dose"),
        ([score(0, 21), score(1, 20, language="es")], 1, "take a new baseline in the language now used"),
        ([score(0, 4), score(1, 2)], 1, "already remission"),
        ([score(0, 0), score(1, 0)], 1, "already remission"),
    ],
)
def test_without_a_valid_score_the_missing_data_are_named(scores, at, words) -> None:
    doses = [dose(0)] if any(s.taken_at > week(0) for s in scores) or at > 0 else []
    said = asked(course(scores, doses), at)

    assert (said.outcome, said.dose) == (NONE, None)
    assert words in " ".join(said.missing)


def test_all_missing_data_of_a_score_are_named_at_once() -> None:
    said = asked(course([score(0, 21), score(1, None, item_9=None)], [dose(0)]), 2)

    assert len(said.missing) == 3


def test_a_score_is_recent_until_the_end_of_the_signed_days() -> None:
    case = course([score(0, 21), score(1, 20)], [dose(0)])
    rule, scale = knowledge.titration("weekly-6"), knowledge.scale("phq-9")

    assert suggest(rule, scale, case, at=week(1) + timedelta(days=3), weights=WEIGHTS).outcome == UP
    assert (
        suggest(rule, scale, case, at=week(1) + timedelta(days=3, microseconds=1), weights=WEIGHTS).outcome
        == NONE
    )


def test_a_baseline_on_another_instrument_is_not_comparable() -> None:
    case = course([score(0, 30, scale="madrs"), score(1, 20)], [dose(0)])

    assert "from before the first dose" in asked(case, 1).missing[0]


def test_the_recall_overlap_with_the_last_dose_is_always_stated() -> None:
    reasons = [r.text for r in after_one(20).because]

    assert "7.1 of the 14 days this PHQ-9 looks back on lie before the last dose" in reasons


# Non-response


WEEKS = [score(0, 21), score(1, 20), score(2, 19), score(3, 18)]


def test_three_full_doses_without_improvement_offer_both_rules_without_a_default() -> None:
    said = asked(course(WEEKS, [dose(0), dose(1), dose(2)]), 3)

    assert (said.outcome, said.dose) == (REVIEW, None)
    assert [(c.id, c.source) for c in said.choices] == [("stop", "nonimp-2024"), ("step-up", "cusin-2017")]
    assert all(c.evidence and c.mark for c in said.choices)
    assert said.because[0].records == ("d0", "d1", "d2")
    assert len(said.also) == 3
    assert "weekly" in said.because[0].detail


def test_two_nonresponses_are_not_enough_and_partial_doses_do_not_count() -> None:
    assert asked(course(WEEKS[:3], [dose(0), dose(1)]), 2).outcome == UP
    assert asked(course(WEEKS, [dose(0), dose(1, percent="70"), dose(2)]), 3).outcome == UP
    assert asked(course([WEEKS[0], score(1, 16), *WEEKS[2:]], [dose(0), dose(1), dose(2)]), 3).outcome == UP
    assert asked(course([*WEEKS[:3], score(3, 16)], [dose(0), dose(1), dose(2)]), 3).outcome == UP


def test_no_improvement_after_the_fourth_dose_is_reviewed_even_after_a_better_week() -> None:
    doses = [dose(0), dose(1), dose(2), dose(3)]
    weeks = [score(0, 21), score(1, 16), score(2, 19), score(3, 18), score(4, 17)]

    assert asked(course(weeks, doses), 4).outcome == REVIEW
    assert asked(course([*weeks[:-1], score(4, 16)], doses), 4).outcome == UP


def test_a_review_decision_restarts_the_count_of_nonresponses() -> None:
    """Decided to go up at the third: three more are given before the question comes again."""
    doses = [dose(n) for n in range(3)] + [dose(n, "0.6") for n in range(3, 6)]
    weeks = [score(n, 21 - n % 3) for n in range(7)]
    decided = [word("review", 3)]

    assert asked(course(weeks[:5], doses[:4], words=decided), 4).outcome == UP
    assert asked(course(weeks, doses, words=decided), 6).outcome == REVIEW


# Signatures, caps, records


def test_nothing_is_suggested_without_a_signature_or_with_an_unsigned_limit() -> None:
    case = course([score(0, 21), score(1, 20)], [dose(0)])
    rest = {k: v for k, v in case.signed.limits.items() if k != "score_fresh_days"}

    assert "signed protocol" in asked(replace(case, signed=None), 1).missing[0]
    assert "score fresh days" in asked(replace(case, signed=replace(case.signed, limits=rest)), 1).missing[0]
    assert asked(replace(case, signed=replace(case.signed, at=week(2))), 1).outcome == NONE


def test_the_signed_limit_in_mg_bounds_a_step_at_high_weight() -> None:
    heavy = course([score(0, 21), score(1, 20)], [dose(0)], kg="210")
    lighter = replace(heavy, weights=course(kg="200").weights)

    assert (asked(lighter, 1).outcome, asked(lighter, 1).dose) == (UP, D("0.6"))  # 120 mg exactly
    assert (asked(heavy, 1).outcome, asked(heavy, 1).dose) == (HOLD, D("0.5"))
    assert "120 mg for one session, at 210 kg" in (asked(heavy, 1).bounded_by or "")
    assert asked(replace(heavy, weights=course(kg="250").weights), 1).outcome == NONE


def test_every_input_names_its_record() -> None:
    said = after_one(20)

    assert {i.record for i in said.inputs} == {"g", "s0", "s1", "d0", "w"}
    assert {"score_fresh_days", "absolute_dose_mg"} <= {i.name for i in said.inputs}


def test_later_records_do_not_change_a_past_suggestion() -> None:
    case = course([score(0, 21), score(1, 20)], [dose(0)])
    more = replace(
        case,
        scores=(*case.scores, score(2, 3), score(0.9, 2, id="late", recorded_at=week(1.5))),
        doses=(*case.doses, dose(1, "0.6"), dose(0.5, "0.9", recorded_at=week(3))),
        words=(word("clearance", 2, about="d0"),),
        medicines=(MedicineChange("m", "antidepressant_started", week(2)),),
    )

    assert suggestion_as_json(asked(more, 1)) == suggestion_as_json(asked(case, 1))


totals = st.lists(st.one_of(st.none(), st.integers(0, 27)), min_size=1, max_size=9)
items = st.lists(st.sampled_from([0, 0, 0, None, 1]), min_size=9, max_size=9)
some_doses = st.lists(
    st.tuples(
        st.sampled_from(["0.5", "0.55", "0.6", "0.75", "0.9", "1.0"]), st.integers(0, 100), st.booleans()
    ),
    min_size=9,
    max_size=9,
)
rules = st.sampled_from(["weekly-6", "t-kads", "t-loo", "t-cusin", "fixed-half"])


@settings(max_examples=300)
@given(totals, items, some_doses, rules, st.integers(30, 400), st.randoms(use_true_random=False))
def test_no_dose_exceeds_a_cap_uses_an_invalid_score_or_depends_on_record_order(
    totals, items, some_doses, rule_id, kg, chance
) -> None:
    rule = knowledge.titration(rule_id)
    scores = [
        score(n, t, i, scale=rule.instrument) for n, (t, i) in enumerate(zip(totals, items, strict=False))
    ]
    doses = [dose(n, d, str(p), tolerated=ok) for n, (d, p, ok) in enumerate(some_doses[: len(totals) - 1])]
    case = course(scores, doses, kg=str(kg))
    said = asked(case, len(totals) - 1, rule_id)
    chance.shuffle(scores)
    chance.shuffle(doses)

    assert suggestion_as_json(said) == suggestion_as_json(
        asked(replace(case, scores=scores, doses=doses), len(totals) - 1, rule_id)
    )
    if said.dose is not None:
        assert said.dose in rule.ladder or said.dose == case.doses_in_order[-1].ordered
        assert said.dose <= rule.cap
        assert said.dose * kg <= D(case.signed.limits["absolute_dose_mg"])
        assert (totals[-1] is not None and items[len(totals) - 1] is not None) or not knowledge.scale(
            rule.instrument
        ).suicide_item
        assert totals[-1] is not None
    assert asked(replace(case, signed=None), len(totals) - 1, rule_id).dose is None


@given(st.integers(5, 27), st.integers(0, 27), st.sampled_from(["0.5", "0.6", "0.75", "0.9"]))
def test_a_worse_score_never_lowers_the_dose_unless_contact_is_required(first, now, ordered) -> None:
    def said(total: int):
        return asked(course([score(0, first), score(1, total)], [dose(0, ordered)]), 1)

    worse = said(min(now + 1, 27))
    assume(worse.dose is not None)
    assert said(now).dose is not None
    assert said(now).dose <= worse.dose


# A rule by judgment, without a valid score


def by_judgment(scores, doses, at: float = 1):
    under = signed("spravato-label")
    return asked(course(scores, doses, under=under), at, "spravato-label")


def test_by_judgment_a_missing_score_is_stated_and_does_not_block() -> None:
    said = by_judgment([score(0, 21)], [dose(0, "56", unit="mg")])

    assert (said.outcome, said.dose, said.also_open) == (HOLD, D("56"), (D("84"),))
    assert any(reason.text.startswith("No valid score: ") for reason in said.because)


def test_by_judgment_a_dose_not_tolerated_steps_down_without_a_score() -> None:
    said = by_judgment([score(0, 21)], [dose(0, "84", unit="mg", tolerated=False)])

    assert (said.outcome, said.dose) == (DOWN, D("56"))
    assert any(reason.text.startswith("No valid score: ") for reason in said.because)


def test_by_judgment_a_dose_given_in_part_is_repeated_without_a_score() -> None:
    said = by_judgment([score(0, 21)], [dose(0, "56", percent="40", unit="mg")])

    assert (said.outcome, said.dose) == (HOLD, D("56"))
    assert said.because[0].text == "Only 40 % of the last dose was given: it does not count"


def test_by_judgment_the_review_after_eight_doses_needs_no_score() -> None:
    eight = [dose(n / 2, "84", unit="mg") for n in range(8)]
    said = by_judgment([score(0, 21)], eight, 4)

    assert (said.outcome, [c.id for c in said.choices]) == (REVIEW, ["continue", "stop"])
    assert any(reason.text.startswith("No valid score: ") for reason in said.because)
