"""PHQ-9 at every edge, and change in exact arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow import knowledge
from regrow.scales import BadAnswers, change, score

PHQ9 = knowledge.scale("phq-9")


def sheet_of(total: int) -> list[int]:
    answers = [0] * 9
    for n in range(total):
        answers[n % 9] += 1
    return answers


@pytest.mark.parametrize(
    ("total", "severity"),
    [
        (0, "minimal"),
        (4, "minimal"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (14, "moderate"),
        (15, "moderately severe"),
        (19, "moderately severe"),
        (20, "severe"),
        (27, "severe"),
    ],
)
def test_each_band_begins_at_its_edge(total: int, severity: str) -> None:
    result = score(PHQ9, sheet_of(total))

    assert (total, severity) == (result.total, result.severity)


def test_a_blank_is_not_scored_and_says_which() -> None:
    result = score(PHQ9, [3, None, 3, None, 0, 0, 0, 0, None])

    assert not result.scorable
    assert result.why == "not scorable: 3 of 9 answers missing (answers 2, 4, 9)"
    assert result.total is None


def test_a_blank_suicide_item_is_never_zero() -> None:
    assert score(PHQ9, [0] * 8 + [None]).suicide_item is None
    assert score(PHQ9, [0] * 9).suicide_item == 0


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([0] * 8, "has 9 items, 8 answers were given"),
        ([0] * 8 + [4], "item 9: 4 is not an answer; it takes 0, 1, 2, 3"),
        ([-1] + [0] * 8, "item 1: -1 is not an answer"),
    ],
)
def test_a_sheet_that_does_not_fit_is_refused_with_what_would(answers: list[int], words: str) -> None:
    with pytest.raises(BadAnswers, match=words):
        score(PHQ9, answers)


def test_response_is_half_exactly_and_remission_the_scales_own_cut() -> None:
    assert not change(PHQ9, baseline=21, now=11).response
    assert change(PHQ9, baseline=21, now=10).response
    assert change(PHQ9, baseline=20, now=10).response
    assert change(PHQ9, baseline=20, now=4).remission
    assert not change(PHQ9, baseline=20, now=5).remission


def test_a_baseline_in_remission_is_not_evaluable() -> None:
    low = change(PHQ9, baseline=4, now=0)

    assert (low.evaluable, low.response, low.remission) == (False, False, False)
    assert change(PHQ9, baseline=0, now=3).fall is None


@given(st.integers(1, 27), st.integers(0, 27))
def test_response_agrees_with_integer_arithmetic(baseline: int, now: int) -> None:
    result = change(PHQ9, baseline=baseline, now=now)

    assert result.fall == Fraction(baseline - now, baseline)
    if result.evaluable:
        assert result.response == (2 * (baseline - now) >= baseline)
