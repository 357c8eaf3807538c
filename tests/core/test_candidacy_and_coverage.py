"""Two definitions side by side, three-valued, each with the records that decided it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from regrow import knowledge
from regrow.candidacy import determine, suggest_spelling
from regrow.chart import (
    Attestation,
    BadChart,
    Chart,
    Condition,
    Diagnosis,
    Outcome,
    Score,
    State,
    Trial,
    read_chart,
)
from regrow.coverage import cash_estimate, determine_coverage

KNOWN = knowledge.antidepressants()
RULES = knowledge.candidacy_rules()
ON = date(2026, 11, 24)


def trial(id: str, drug: str, outcome: Outcome | None = Outcome.NO_RESPONSE, **changes) -> Trial:
    known = {m.id: m for m in KNOWN}
    dose = known[drug].minimum_mg_per_day if drug in known else D(100)
    usual = Trial(id, drug, dose, 8, outcome, D(10), True)
    return replace(usual, **changes)


def chart(*trials: Trial, **changes) -> Chart:
    asked = [Attestation(f"a-{c.id}", f"no-{c.id}", True) for c in RULES.contraindications]
    usual = Chart(
        "p", "Maya", date(1985, 3, 14), "female", [Diagnosis("dx", "F33.2")], trials, attestations=asked
    )
    return replace(usual, **changes)


def state(of: Chart, id: str) -> State:
    return determine(of, RULES, KNOWN, on=ON).of(id).state


def test_two_adequate_failures_are_resistant_by_both_definitions() -> None:
    result = determine(chart(trial("t1", "sertraline"), trial("t2", "venlafaxine")), RULES, KNOWN, on=ON)

    assert (result.of("trd-clinic").state, list(result.of("trd-clinic").because)) == (State.MET, ["t1", "t2"])
    assert result.of("trd-strict").state is State.MET
    assert [r.state for r in result.routes] == ["open", "open"]


def test_stopping_for_side_effects_counts_here_and_not_in_the_strict_definition() -> None:
    people = chart(trial("t1", "sertraline"), trial("t2", "venlafaxine", Outcome.INTOLERANCE, weeks=1))

    assert (state(people, "trd-clinic"), state(people, "trd-strict")) == (State.MET, State.NOT_MET)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (trial("t2", "venlafaxine", dose_mg_per_day=D(150)), State.MET),
        (trial("t2", "venlafaxine", dose_mg_per_day=D(75)), State.NOT_MET),
        (trial("t2", "venlafaxine", weeks=4), State.MET),
        (trial("t2", "venlafaxine", weeks=3), State.NOT_MET),
        (trial("t2", "venlafaxine", weeks=0), State.NOT_MET),
        (trial("t2", "venlafaxine", weeks=None), State.NOT_DOCUMENTED),
        (trial("t2", "venlafaxine", dose_mg_per_day=None), State.NOT_DOCUMENTED),
        (trial("t2", "venlafaxine", None), State.NOT_DOCUMENTED),
        (trial("t2", "venlafaxine", Outcome.RESPONSE), State.NOT_MET),
        (trial("t2", "venlafaxine", Outcome.STILL_TAKING), State.NOT_MET),
        (trial("t2", "sertraline"), State.NOT_MET),
        (trial("t2", "Zoloft 100 mg"), State.NOT_MET),
        (trial("t2", "Effexor XR", dose_mg_per_day=D(225)), State.MET),
        (trial("t2", "venlafaxin"), State.NOT_DOCUMENTED),
    ],
)
def test_the_second_trial_at_its_boundaries(second: Trial, expected: State) -> None:
    assert expected == state(chart(trial("t1", "sertraline"), second), "trd-clinic")


def test_a_misspelt_medicine_is_offered_and_never_guessed() -> None:
    assert "venlafaxine" in suggest_spelling("venlafaxin", KNOWN)
    result = determine(chart(trial("t1", "venlafaxin")), RULES, KNOWN, on=ON)
    assert "did you mean venlafaxine" in result.of("trd-clinic").text


def test_nothing_recorded_is_not_documented_and_never_not_met() -> None:
    result = determine(Chart("p"), RULES, KNOWN, on=ON)

    assert {State.NOT_DOCUMENTED} == {d.state for d in result.determinations}
    assert [r.state for r in result.routes] == ["undecided", "undecided"]


def test_a_contraindication_closes_both_routes_and_names_its_record() -> None:
    ill = chart(
        trial("t1", "sertraline"),
        trial("t2", "venlafaxine"),
        conditions=[Condition("c1", "Cerebral aneurysm")],
    )
    result = determine(ill, RULES, KNOWN, on=ON)

    assert [r.state for r in result.routes] == ["closed", "closed"]
    assert list(result.of("no-aneurysm").because) == ["c1"]


def test_a_minor_is_not_a_candidate_and_the_birthday_decides() -> None:
    assert state(chart(born=date(2008, 11, 24)), "adult") is State.MET
    assert state(chart(born=date(2008, 11, 25)), "adult") is State.NOT_MET


def test_a_payer_wants_the_improvement_documented_and_never_rounds_up() -> None:
    payer = knowledge.payer("cigna")

    def trials_state(*trials: Trial) -> State:
        found = determine_coverage(payer, chart(*trials), KNOWN, on=ON)
        return next(d for d in found if d.id == "trials").state

    first = trial("t1", "sertraline")
    assert trials_state(first, trial("t2", "venlafaxine", improvement_percent=D(25))) is State.MET
    assert trials_state(first, trial("t2", "venlafaxine", improvement_percent=D("25.1"))) is State.NOT_MET
    assert trials_state(first, trial("t2", "venlafaxine", improvement_percent=None)) is State.NOT_DOCUMENTED
    assert trials_state(first, trial("t2", "escitalopram")) is State.NOT_MET  # the same class twice
    assert trials_state(first, trial("t2", "venlafaxine", weeks=5)) is State.NOT_MET


def test_a_score_on_file_documents_severity() -> None:
    people = chart(scores=[Score("s", "phq-9", 21, datetime(2026, 11, 20, tzinfo=UTC))])
    found = determine_coverage(knowledge.payer("cigna"), people, KNOWN, on=ON)

    assert {"severity": State.MET, "pdmp": State.NOT_DOCUMENTED}.items() <= {
        d.id: d.state for d in found
    }.items()


def test_the_cash_estimate_adds_up_exactly() -> None:
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
            "stands twice",
        ),
    ],
)
def test_a_chart_that_cannot_be_read_names_the_field(raw, words: str) -> None:
    with pytest.raises(BadChart, match=words):
        read_chart(raw)
