"""Every instrument at every edge, and change in exact arithmetic."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.knowledge import BadKnowledge, Scale
from regrow.scales import (
    BadAnswers,
    NotComparable,
    ScoredSheet,
    change,
    convert,
    days_before,
    overlap_days,
    part_of,
    score,
    shown,
)
from tests.content import knowledge

PHQ9 = knowledge.scale("phq-9")
SUMS = [id for id in knowledge.ids("scale") if knowledge.scale(id).scoring in ("sum", "single")]


def sheet_of(scale: Scale, total: int) -> list[int | None]:
    """Answers that add up to a total, as high as possible from the first item on."""
    answers: list[int | None] = []
    for item in scale.items:
        most = max(s for s in item.scores if s <= total)
        answers.append(most)
        total -= most
    assert total == 0
    return answers


def reading(scale: Scale, total: int | Fraction | None, **changes) -> ScoredSheet:
    made = ScoredSheet(scale.id, scale.version, scale.language, scale.recall_days, True, total, None, None)
    return replace(made, **changes)


# (instrument, total, severity): both sides of every published edge, and both ends.
EDGES = [
    *(("phq-9", t, s) for t, s in zip((0, 4, 5, 9, 10, 14, 15, 19, 20, 27),
      ["minimal", "minimal", "mild", "mild", "moderate", "moderate", "moderately_severe", "moderately_severe", "severe", "severe"], strict=True)),
    *(("gad-7", t, s) for t, s in zip((0, 4, 5, 9, 10, 14, 15, 21),
      ["minimal", "minimal", "mild", "mild", "moderate", "moderate", "severe", "severe"], strict=True)),
    *(("madrs", t, s) for t, s in zip((0, 6, 7, 19, 20, 34, 35, 60),
      ["none", "none", "mild", "mild", "moderate", "moderate", "severe", "severe"], strict=True)),
    *(("ham-d17", t, s) for t, s in zip((0, 7, 8, 16, 17, 23, 24, 52),
      ["none", "none", "mild", "mild", "moderate", "moderate", "severe", "severe"], strict=True)),
    *(("moaas", t, s) for t, s in zip((0, 1, 4, 5), ("no_response", "sedated", "sedated", "alert"), strict=True)),
    *(("pcl-5", t, s) for t, s in zip((0, 30, 31, 33, 34, 80), ("below_the_cut-off",) * 2
      + ("within_the_range_of_published_cut-offs",) * 2 + ("above_every_published_cut-off",) * 2, strict=True)),
]  # fmt: skip


@pytest.mark.parametrize(("id", "total", "severity"), EDGES)
def test_each_band_begins_at_its_edge(id: str, total: int, severity: str) -> None:
    scale = knowledge.scale(id)
    result = score(scale, sheet_of(scale, total))

    assert (result.total, result.severity) == (total, severity.replace("_", " "))


@pytest.mark.parametrize("id", ["ham-d6", "cadss-6", "bpic-ss", "ymrs", "audit-c", "own-goal"])
def test_without_published_bands_no_severity_is_given(id: str) -> None:
    scale = knowledge.scale(id)

    assert {score(scale, sheet_of(scale, t)).severity for t in (scale.minimum, scale.maximum)} == {None}


@pytest.mark.parametrize(
    ("id", "total", "sex", "flags"),
    [
        ("bpic-ss", 18, None, []),
        ("bpic-ss", 19, None, ["bladder pain syndrome suspected"]),
        ("ymrs", 11, None, []),
        ("ymrs", 12, None, ["hypomania suspected"]),
        ("audit-c", 2, "female", []),
        ("audit-c", 3, "female", ["hazardous drinking likely"]),
        ("audit-c", 3, "male", []),
        ("audit-c", 4, "male", ["hazardous drinking likely"]),
        ("audit-c", 3, None, ["hazardous drinking likely"]),
    ],
)
def test_a_published_cut_off_applies_from_its_boundary(id: str, total: int, sex, flags: list[str]) -> None:
    scale = knowledge.scale(id)

    assert [f.text for f in score(scale, sheet_of(scale, total), sex=sex).flags] == flags


@pytest.mark.parametrize(
    ("answers", "total", "severity"),
    [
        ([0] * 16, 0, "none"),
        ([3] * 16, 27, "very severe"),
        # Sleep 3 (not 1+2+3+0), sad 1, appetite and weight 2 (not 2+1+0+2), five singles 1+1+1+1+0, psychomotor 2.
        ([1, 2, 3, 0, 1, 2, 1, 0, 2, 1, 1, 1, 1, 0, 2, 1], 12, "moderate"),
        # Only the second sleep item, only the last weight item and only the second psychomotor item.
        ([0, 2, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1], 6, "mild"),
        ([0, 2, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0], 5, "none"),
        ([3, 3, 3, 3, 3, 0, 0, 0, 0, 3, 1, 0, 0, 0, 0, 0], 10, "mild"),
        ([3, 3, 3, 3, 3, 0, 0, 0, 0, 3, 2, 0, 0, 0, 0, 0], 11, "moderate"),
        ([3, 0, 0, 0, 3, 3, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0], 15, "moderate"),
        ([3, 0, 0, 0, 3, 3, 0, 0, 0, 3, 3, 1, 0, 0, 0, 0], 16, "severe"),
        ([3, 0, 0, 0, 3, 3, 0, 0, 0, 3, 3, 3, 2, 0, 0, 0], 20, "severe"),
        ([3, 0, 0, 0, 3, 3, 0, 0, 0, 3, 3, 3, 3, 0, 0, 0], 21, "very severe"),
    ],
)
def test_qids_counts_the_highest_of_each_domain(answers: list[int], total: int, severity: str) -> None:
    result = score(knowledge.scale("qids-sr16"), answers)

    assert (result.total, result.severity) == (total, severity)


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ([0, 0, None, None, None, 0], "none"),
        ([0, 0, 0, 0, 0, 0], "none"),
        ([1, 0, None, None, None, 0], "low"),
        ([0, 1, 0, 0, 0, 0], "low"),
        ([0, 1, 1, 0, 0, 0], "moderate"),
        ([0, 0, None, None, None, 1], "moderate"),
        ([0, 1, 0, 1, 0, 0], "high"),
        ([0, 1, 0, 0, 1, 0], "high"),
        ([0, 0, None, None, None, 2], "high"),
    ],
)
def test_the_screener_gives_a_level_and_no_total(answers: list[int | None], level: str) -> None:
    result = score(knowledge.scale("c-ssrs-screener"), answers)

    assert (result.scorable, result.total, result.severity) == (True, None, level)


def test_a_question_of_the_screener_left_out_is_not_a_no() -> None:
    """Questions 3 to 5 may be blank only when question 2 was answered with no."""
    screener = knowledge.scale("c-ssrs-screener")
    result = score(screener, [1, 1, None, 0, 0, 0])

    assert (result.scorable, result.severity, list(result.missing)) == (False, None, [3])
    assert list(result.alerts) == [1, 2]
    assert not score(screener, [0, None, None, None, None, 0]).scorable


BLANKS = [
    (id, blanks)
    for id in knowledge.ids("scale")
    for blanks in (1, 2, 3)
    if knowledge.scale(id).scoring != "levels" and blanks <= len(knowledge.scale(id).items)
]


@pytest.mark.parametrize(("id", "blanks"), BLANKS)
def test_blanks_are_refused_or_prorated_by_the_instruments_own_rule(id: str, blanks: int) -> None:
    scale = knowledge.scale(id)
    answers: list[int | None] = [None] * blanks + [item.scores[0] for item in scale.items[blanks:]]
    result = score(scale, answers)

    assert result.scorable == (blanks <= scale.most_missing)
    assert len(result.missing) == blanks
    if not result.scorable:
        assert (result.total, result.severity) == (None, None)
        assert result.why is not None
        assert f"{blanks} of {len(scale.items)} answers missing" in result.why


def test_missing_answers_are_named() -> None:
    result = score(PHQ9, [3, None, 3, None, 0, 0, 0, 0, None])

    assert result.why == "not scorable: 3 of 9 answers missing (answers 2, 4, 9)"


@pytest.mark.parametrize(
    ("answers", "exact", "text", "severity"),
    [
        ([None, 2, 2, 2, 2, 2, 2, 2, 0], Fraction(63, 4), "15.75", "moderately severe"),
        ([None, None, 2, 2, 2, 2, 2, 2, 0], Fraction(108, 7), "15.43", "moderately severe"),
        # 13 of 8 answers is 14.625: still moderate, as 15 is not reached.
        ([None, 2, 2, 2, 2, 2, 2, 1, 0], Fraction(117, 8), "14.62", "moderate"),
        ([None, 0, 0, 0, 0, 0, 0, 0, 0], Fraction(0), "0", "minimal"),
    ],
)
def test_phq9_prorates_one_or_two_blanks_exactly_and_marks_it(
    answers, exact, text: str, severity: str
) -> None:
    result = score(PHQ9, answers)

    assert (result.prorated, result.total, result.severity) == (True, exact, severity)
    assert shown(exact) == text


def test_edge_06_a_blank_suicide_item_is_never_scored_and_never_zero() -> None:
    result = score(PHQ9, [0] * 8 + [None])

    assert (result.scorable, result.total, result.suicide_item) == (False, None, None)
    assert result.why == "not scorable: item 9 asks about suicide and is blank; ask the patient"
    assert score(PHQ9, [0] * 9).suicide_item == 0


@pytest.mark.parametrize("id", ["phq-9", "qids-sr16", "madrs", "ham-d17", "c-ssrs-screener"])
def test_any_answer_above_zero_about_suicide_raises_an_alert(id: str) -> None:
    scale = knowledge.scale(id)
    asked = next(n for n, item in enumerate(scale.items) if item.suicide)
    answers: list[int | None] = [0] * len(scale.items)
    answers[asked] = 1

    assert list(score(scale, answers).alerts) == [scale.items[asked].number]


@pytest.mark.parametrize("id", knowledge.ids("scale"))
def test_zero_is_an_answer(id: str) -> None:
    scale = knowledge.scale(id)
    result = score(scale, [0] * len(scale.items))

    assert result.scorable
    assert (result.missing, result.total) == ((), None if scale.scoring == "levels" else 0)


@pytest.mark.parametrize(
    ("id", "answers", "words"),
    [
        ("phq-9", [0] * 8, "PHQ-9 has 9 items, 8 answers were given; mark a blank with -"),
        ("phq-9", [0] * 10, "PHQ-9 has 9 items, 10 answers were given"),
        ("phq-9", [0] * 8 + [4], "item 9: 4 is not an answer; it takes 0, 1, 2, 3"),
        ("phq-9", [-1] + [0] * 8, "item 1: -1 is not an answer"),
        ("ham-d17", [0, 0, 0, 3] + [0] * 13, "item 4: 3 is not an answer; it takes 0, 1, 2, or"),
        ("cadss-6", [0, 0, 0, 0, 0, 5], "item 22: 5 is not an answer"),
        ("moaas", [6], "item 1: 6 is not an answer"),
    ],
)
def test_a_sheet_that_does_not_fit_is_refused_with_what_would(
    id: str, answers: list[int], words: str
) -> None:
    with pytest.raises(BadAnswers, match=words):
        score(knowledge.scale(id), answers)


def test_the_core_of_the_ham_d17_is_scored_from_the_whole_sheet() -> None:
    """Items 1, 2, 7, 8, 10 and 13: here 4 + 3 + 2 + 1 + 2 + 1."""
    whole = knowledge.scale("ham-d17")
    answers: list[int | None] = [4, 3, 4, 2, 2, 2, 2, 1, 4, 2, 4, 2, 1, 2, 4, 2, 2]
    core = part_of(whole, answers, knowledge.scale("ham-d6"))

    assert (score(whole, answers).total, core.total) == (43, 13)


# Change ----------------------------------------------------------------------------------------------------------


def test_edge_07_a_fall_from_21_to_16_8_is_exactly_twenty_percent() -> None:
    """In binary floats it is 19.999999999999996."""
    exact = change(PHQ9, baseline=reading(PHQ9, 21), now=reading(PHQ9, Fraction(168, 10)))

    assert exact.falls_at_least(20)
    assert not change(
        PHQ9, baseline=reading(PHQ9, 21), now=reading(PHQ9, Fraction(1681, 100))
    ).falls_at_least(20)


@pytest.mark.parametrize(
    ("id", "baseline", "now", "response", "remission"),
    [
        ("phq-9", 21, 11, False, False),
        ("phq-9", 21, 10, True, False),
        ("phq-9", 20, 10, True, False),
        ("phq-9", 20, 5, True, False),
        ("phq-9", 20, 4, True, True),
        ("gad-7", 15, 8, False, False),
        ("gad-7", 15, 7, True, False),
        ("gad-7", 9, 4, True, True),
        ("qids-sr16", 18, 9, True, False),
        ("qids-sr16", 18, 6, True, False),
        ("qids-sr16", 18, 5, True, True),
        ("madrs", 36, 19, False, False),
        ("madrs", 36, 18, True, False),
        ("madrs", 36, 11, True, False),
        ("madrs", 36, 10, True, True),
        ("ham-d17", 24, 12, True, False),
        ("ham-d17", 24, 8, True, False),
        ("ham-d17", 24, 7, True, True),
        ("ham-d6", 12, 5, True, False),
        ("ham-d6", 12, 4, True, True),
        ("pcl-5", 50, 10, None, None),
        ("own-goal", 2, 8, None, None),
    ],
)
def test_response_and_remission_are_the_scales_own(id, baseline, now, response, remission) -> None:
    scale = knowledge.scale(id)
    result = change(scale, baseline=reading(scale, baseline), now=reading(scale, now))

    assert (result.response, result.remission) == (response, remission)


def test_the_madrs_file_has_both_published_remission_cut_offs() -> None:
    madrs = knowledge.scale("madrs")

    assert (madrs.remission_at_most, [c.total_at_most for c in madrs.remission_also]) == (10, [12])


@pytest.mark.parametrize(
    ("id", "baseline", "now", "reached"),
    [
        # five points; 1.7 points and 21 % at moderate severity; 3.7 points and 23 %
        ("phq-9", 14, 11, [False, True, False]),
        ("phq-9", 14, 10, [False, True, True]),
        ("phq-9", 10, 8, [False, False, False]),
        ("phq-9", 21, 16, [True, True]),
        ("phq-9", 21, 17, [False, False]),
        ("phq-9", 24, 19, [True, False]),
        ("gad-7", 12, 8, [True, True, True]),
        ("madrs", 30, 28, [True, False]),
        ("madrs", 30, 24, [True, True]),
        ("ham-d17", 20, 17, [True]),
        ("ham-d17", 20, 18, [False]),
        ("pcl-5", 50, 40, [True]),
        ("pcl-5", 50, 41, [False]),
    ],
)
def test_each_minimal_important_change_applies_at_its_severity(id, baseline, now, reached) -> None:
    scale = knowledge.scale(id)
    result = change(scale, baseline=reading(scale, baseline), now=reading(scale, now))

    assert [hit for _, hit in result.minimal] == reached


@pytest.mark.parametrize(("now", "reliable"), [(45, True), (46, False), (55, True), (54, False)])
def test_reliable_change_goes_both_ways(now: int, reliable: bool) -> None:
    pcl = knowledge.scale("pcl-5")

    assert change(pcl, baseline=reading(pcl, 50), now=reading(pcl, now)).reliable is reliable


def test_edge_10_a_baseline_in_remission_is_not_evaluable() -> None:
    low = change(PHQ9, baseline=reading(PHQ9, 4), now=reading(PHQ9, 0))

    assert (low.evaluable, low.response, low.remission) == (False, False, False)
    assert change(PHQ9, baseline=reading(PHQ9, 0), now=reading(PHQ9, 3)).fall is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"instrument": "gad-7"}, "a gad-7 cannot be compared with a phq-9"),
        ({"version": 9}, "version 9 of PHQ-9 does not mean the same as version 2; take a new baseline"),
        ({"language": "es"}, "answered in 'es' cannot be compared with one in 'en'"),
        ({"recall_days": 7}, "looks back 7 days cannot be compared with one that looks back 14"),
        ({"total": None}, "without a total cannot be compared"),
    ],
)
def test_edge_09_totals_that_mean_different_things_are_never_compared(changes, words: str) -> None:
    with pytest.raises(NotComparable, match=words):
        change(PHQ9, baseline=reading(PHQ9, 20), now=replace(reading(PHQ9, 10), **changes))


def test_an_older_version_is_scored_by_it_and_compared_only_if_compatible() -> None:
    older = knowledge.scale("phq-9", 1)
    first = score(older, sheet_of(older, 20))

    assert first.version == 1
    assert not score(older, [None, *sheet_of(older, 20)[1:]]).scorable  # version 1 did not prorate
    assert change(PHQ9, baseline=first, now=reading(PHQ9, 10)).response
    with pytest.raises(BadKnowledge, match="there is no version 7 of phq-9; there are: 1, 2"):
        knowledge.scale("phq-9", 7)


@given(st.integers(1, 27), st.integers(0, 27))
def test_response_agrees_with_integer_arithmetic(baseline: int, now: int) -> None:
    result = change(PHQ9, baseline=reading(PHQ9, baseline), now=reading(PHQ9, now))

    assert result.fall == Fraction(baseline - now, baseline)
    if result.evaluable:
        assert result.response == (2 * (baseline - now) >= baseline)


@given(st.data(), st.sampled_from(SUMS))
def test_a_complete_sheet_adds_up_and_lies_within_its_range(data: st.DataObject, id: str) -> None:
    scale = knowledge.scale(id)
    answers = [data.draw(st.sampled_from(item.scores)) for item in scale.items]
    result = score(scale, answers)

    assert result.total == sum(answers)
    assert scale.minimum <= sum(answers) <= scale.maximum


# Crosswalks and recall -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("from_id", "total", "to_id", "span"),
    [
        ("qids-sr16", 0, "ham-d17", (0, 0)),
        ("qids-sr16", 1, "ham-d17", (1, 2)),
        ("qids-sr16", 14, "ham-d17", (18, 19)),
        ("qids-sr16", 15, "ham-d17", (18, 19)),
        ("qids-sr16", 27, "ham-d17", (36, 52)),
        ("ham-d17", 7, "qids-sr16", (5, 5)),
        ("ham-d17", 18, "qids-sr16", (14, 15)),
        ("ham-d17", 52, "qids-sr16", (27, 27)),
        ("qids-sr16", 5, "madrs", (0, 8)),
        ("qids-sr16", 6, "madrs", (9, 17)),
        ("madrs", 34, "qids-sr16", (21, 27)),
    ],
)
def test_a_conversion_gives_a_range_and_its_notice(from_id, total, to_id, span) -> None:
    walk = next(w for w in knowledge.crosswalks() if {from_id, to_id} == {w.from_scale, w.to_scale})
    found = convert(walk, total, from_scale=knowledge.scale(from_id), to_scale=knowledge.scale(to_id))

    assert (found.lowest, found.highest) == span
    assert "it was not measured" in found.text


def test_a_table_converts_nothing_it_was_not_made_for() -> None:
    walk = knowledge.crosswalk("qids-sr16-to-madrs")
    qids, madrs = knowledge.scale("qids-sr16"), knowledge.scale("madrs")

    with pytest.raises(NotComparable, match="does not convert PHQ-9 to MADRS"):
        convert(walk, 12, from_scale=PHQ9, to_scale=madrs)
    with pytest.raises(NotComparable, match="prorated total"):
        convert(walk, Fraction(63, 4), from_scale=qids, to_scale=madrs)


def test_edge_08_a_weekly_phq9_shares_half_of_its_days_with_the_one_before() -> None:
    first = datetime(2026, 10, 26, 9, tzinfo=UTC)

    assert overlap_days(PHQ9, first, first + timedelta(days=7)) == 7
    assert overlap_days(PHQ9, first, first + timedelta(days=14)) == 0
    assert overlap_days(PHQ9, first, first + timedelta(days=13, hours=12)) == Fraction(1, 2)
    assert overlap_days(knowledge.scale("qids-sr16"), first, first + timedelta(days=7)) == 0


def test_two_days_after_an_infusion_twelve_days_of_the_phq9_lie_before_it() -> None:
    infusion = datetime(2026, 10, 26, 9, tzinfo=UTC)

    assert days_before(PHQ9, infusion + timedelta(days=2), infusion) == 12
    assert days_before(PHQ9, infusion + timedelta(days=20), infusion) == 0
    assert days_before(PHQ9, infusion - timedelta(days=1), infusion) == 14


def test_a_licensed_instruments_file_names_the_source_of_its_form() -> None:
    for id in knowledge.ids("scale"):
        scale = knowledge.scale(id)
        assert scale.wording_is_here or scale.obtain.startswith("https://"), id
    assert not knowledge.scale("madrs").wording_is_here
