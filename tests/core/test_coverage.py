"""A payer's criteria against a chart, the cash estimate, and charts that cannot be read."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from regrow.chart import BadChart, Chart, CriterionStatus, Diagnosis, Outcome, Score, Trial, read_chart
from regrow.coverage import cash_estimate, determine_coverage
from tests.content import knowledge

KNOWN = knowledge.formulary()
ON = date(2026, 11, 24)


def trial(id: str, drug: str, **changes) -> Trial:
    usual = Trial(id, drug, D(200), 8, Outcome.NO_RESPONSE, D(10), True)
    return replace(usual, **changes)


def chart(*trials: Trial, **changes) -> Chart:
    usual = Chart("p", "Maya", date(1985, 3, 14), "female", [Diagnosis("dx", "F33.2")], trials)
    return replace(usual, **changes)


def test_a_payer_requires_documented_improvement_without_rounding() -> None:
    payer = knowledge.payer("cigna")

    def trials_state(*trials: Trial) -> CriterionStatus:
        found = determine_coverage(payer, chart(*trials), KNOWN, on=ON)
        return next(d for d in found if d.id == "trials").state

    first = trial("t1", "sertraline")
    assert trials_state(first, trial("t2", "venlafaxine", improvement_percent=D(25))) is CriterionStatus.MET
    assert (
        trials_state(first, trial("t2", "venlafaxine", improvement_percent=D("25.1")))
        is CriterionStatus.NOT_MET
    )
    assert (
        trials_state(first, trial("t2", "venlafaxine", improvement_percent=None))
        is CriterionStatus.NOT_DOCUMENTED
    )
    assert trials_state(first, trial("t2", "escitalopram")) is CriterionStatus.NOT_MET  # the same class twice
    needed = next(c.weeks_at_least for c in payer.criteria if c.id == "trials")
    assert needed is not None and needed > 1
    exactly = trial("t2", "venlafaxine", weeks=needed)
    assert trials_state(first, exactly) is CriterionStatus.MET
    one_less = trial("t2", "venlafaxine", weeks=needed - 1)
    assert trials_state(first, one_less) is CriterionStatus.NOT_MET
    assert trials_state(first, trial("t2", "venlafaxine", weeks=5)) is CriterionStatus.NOT_MET
    assert trials_state(first, trial("t2", "aripiprazole", augments="t1")) is CriterionStatus.NOT_MET


def test_a_score_on_file_documents_severity() -> None:
    people = chart(scores=[Score("s", "phq-9", D(21), datetime(2026, 11, 20, tzinfo=UTC))])
    found = determine_coverage(knowledge.payer("cigna"), people, KNOWN, on=ON)

    assert {"severity": CriterionStatus.MET, "pdmp": CriterionStatus.NOT_DOCUMENTED}.items() <= {
        d.id: d.state for d in found
    }.items()


def test_the_cash_estimate_total_is_the_sum_of_its_lines() -> None:
    estimate = cash_estimate(knowledge.clinic("happy-healthy-new-york"), knowledge.protocol("iv-weekly-6"))

    assert estimate.total_usd == sum(count * each for _, count, each in estimate.lines)
    assert [count for _, count, _ in estimate.lines] == [1, 6]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ([], "is not of type 'object'"),
        ({"patient": {}}, "'id' is a required property"),
        ({"patient": {"id": "p", "born": "1985-02-30"}}, "is not a date"),
        (
            {
                "patient": {"id": "p"},
                "scores": [{"id": "s", "instrument": "phq-9", "total": 3, "at": "2026-11-01T10:00"}],
            },
            "has no time zone",
        ),
        (
            {"patient": {"id": "p"}, "conditions": [{"id": "x", "text": "a"}, {"id": "x", "text": "b"}]},
            "duplicate record id",
        ),
    ],
)
def test_a_chart_that_cannot_be_read_names_the_field(raw, words: str) -> None:
    with pytest.raises(BadChart, match=words):
        read_chart(raw)


def test_a_trial_that_helped_or_of_an_earlier_episode_does_not_count_for_the_payer() -> None:
    payer = knowledge.payer("cigna")
    criterion = next(c for c in payer.criteria if c.id == "trials")
    asks_episode = replace(
        payer,
        criteria=[replace(c, current_episode=True) if c is criterion else c for c in payer.criteria],
    )

    def state(of: object, second: Trial) -> CriterionStatus:
        first = trial("t1", "sertraline", current_episode=True)
        found = determine_coverage(of, chart(first, second), KNOWN, on=ON)
        return next(d for d in found if d.id == "trials").state

    for helped in (Outcome.RESPONSE, Outcome.STILL_TAKING):
        assert state(payer, trial("t2", "venlafaxine", outcome=helped)) is CriterionStatus.NOT_MET
    for episode, expected in (
        (True, CriterionStatus.MET),
        (None, CriterionStatus.NOT_DOCUMENTED),
        (False, CriterionStatus.NOT_MET),
    ):
        assert state(asks_episode, trial("t2", "venlafaxine", current_episode=episode)) is expected
