"""Eligibility scenarios: each file states how a chart differs from a plain candidate, and the expected result."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from regrow.chart import Chart, CriterionStatus, read_chart
from regrow.eligibility import assess_eligibility, medicines_before
from tests.content import knowledge

FOLDER = Path(__file__).parents[1] / "scenarios" / "candidacy"
RULES = knowledge.candidacy_rules()
TODAY = date(2026, 11, 24)


class Words(yaml.SafeLoader):
    """Dates stay the text they were written as."""


Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def base() -> dict[str, Any]:
    return yaml.load((FOLDER / "candidate.yaml").read_text(encoding="utf-8"), Words)


def chart_of(case: Mapping[str, Any]) -> Chart:
    """The plain candidate with what the case leaves out, adds, or says of the person."""
    raw = base()
    left_out = set(case.get("without", ()))
    for key, records in raw.items():
        if key != "patient":
            raw[key] = [record for record in records if record["id"] not in left_out]
    for key, records in deepcopy(dict(case.get("add") or {})).items():
        raw[key] = [*raw.get(key, []), *records]
    for key, value in (case.get("patient") or {}).items():
        raw["patient"].pop(key, None)
        if value is not None:
            raw["patient"][key] = value
    return read_chart(raw)


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in sorted(FOLDER.glob("*.yaml"))
        if path.stem != "candidate"
        for case in yaml.load(path.read_text(encoding="utf-8"), Words)["cases"]
    ]


@pytest.mark.parametrize("case", cases())
def test_a_scenario_chart_gets_its_expected_determinations(case: Mapping[str, Any]) -> None:
    result = assess_eligibility(
        chart_of(case), RULES, on=date.fromisoformat(case.get("on", TODAY.isoformat()))
    )

    assert case["determinations"] or case.get("routes") or "recommendation" in case
    for id, expected in case["determinations"].items():
        found = result.of(id)
        assert {
            "state": expected["state"],
            "because": expected["because"],
            "text": expected["text"],
            "missing": expected.get("missing", []),
            "values": expected.get("values", {}),
        } == {
            "state": found.state,
            "because": list(found.because),
            "text": found.text,
            "missing": list(found.missing),
            "values": dict(found.values),
        }, id
    routes = {route.id: route for route in result.routes}
    for id, expected in case.get("routes", {}).items():
        assert expected["state"] == routes[id].state, id
        if "because" in expected:
            assert expected["because"] == list(routes[id].because)
    if "recommendation" in case:
        told = result.recommendation
        expected = case["recommendation"]
        assert (expected["outcome"], expected["text"], expected["plain"]) == (
            told.outcome,
            told.text,
            told.plain,
        )


def test_there_are_scenarios_for_each_criterion_met_not_met_and_not_documented() -> None:
    seen: dict[str, set[str]] = {}
    for case in cases():
        for id, expected in case.values[0]["determinations"].items():
            seen.setdefault(id, set()).add(expected["state"])

    for criterion in RULES.criteria:
        if criterion.id == "other-neuromodulation":  # only a payer's question; it is never asked here
            continue
        assert seen[criterion.determination] == {"met", "not_met", "not_documented"}, criterion.id
    for definition in RULES.definitions:
        assert len(seen[definition.id]) >= 2, definition.id
    assert len(cases()) >= 60


def test_nothing_recorded_is_not_documented_and_opens_and_closes_nothing() -> None:
    result = assess_eligibility(Chart("p"), RULES, on=TODAY)
    decided = [d.id for d in result.determinations if d.state is not CriterionStatus.NOT_DOCUMENTED]

    assert decided == ["no-other-neuromodulation"]
    assert {route.state for route in result.routes} == {"undecided"}
    assert result.recommendation.outcome == "undecided"


def test_every_reason_points_at_a_record_of_the_chart() -> None:
    assert cases()
    for case in cases():
        chart = chart_of(case.values[0])
        known = {chart.patient_id} | {
            record.id
            for records in (
                chart.diagnoses, chart.trials, chart.conditions, chart.medicines, chart.measurements,
                chart.scores, chart.treatments, chart.attestations,
            )
            for record in records
        }  # fmt: skip
        determinations = assess_eligibility(chart, RULES, on=TODAY).determinations
        assert determinations
        for d in determinations:
            assert set(d.because) <= known, (case.id, d.id)


def test_no_text_advises_leaving_out_lamotrigine_or_a_benzodiazepine() -> None:
    for interaction in RULES.interactions:
        if interaction.never_hold_automatically:
            assert (
                "never" in interaction.plain.lower()
                or "keep taking" in interaction.plain.lower()
                or ("nothing changes without a plan" in interaction.plain.lower())
            ), interaction.id
    held = {i.id for i in RULES.interactions if i.never_hold_automatically}
    assert held == {"benzodiazepines", "lamotrigine", "opioid-antagonists"}


def test_what_was_recorded_after_the_day_is_not_looked_at() -> None:
    chart = chart_of({})

    assert (
        assess_eligibility(chart, RULES, on=date(2026, 11, 1)).of("no-high-pressure").state
        is CriterionStatus.NOT_DOCUMENTED
    )
    assert assess_eligibility(chart, RULES, on=TODAY).of("no-high-pressure").state is CriterionStatus.MET


@pytest.mark.parametrize(
    ("written", "code", "found", "near"),
    [
        ("Sertraline 100MG tablet", "", "sertraline", []),
        ("ZOLOFT", "", "sertraline", []),
        ("", "36437", "sertraline", []),
        ("Olanzapine/Fluoxetine 6/25", "", "olanzapine-fluoxetine", []),
        ("Symbyax", "", "olanzapine-fluoxetine", []),
        ("sertralin", "", None, ["sertraline"]),
        ("Welbutrin XL", "", None, ["Wellbutrin XL", "Wellbutrin"]),
        ("sertraline or citalopram", "", None, ["citalopram", "sertraline"]),
        ("sertraline", "2556", None, ["sertraline", "citalopram"]),
        ("vitamin D", "", None, []),
        ("", "", None, []),
    ],
)
def test_a_medicine_is_found_by_code_name_or_brand_and_never_guessed(written, code, found, near) -> None:
    result = RULES.formulary.find(written, code)

    assert found == (result.drug.id if result.drug else None)
    if result.drug is None:
        assert near == list(result.near)[: len(near)]
        assert bool(near) == bool(result.near)


@pytest.mark.parametrize(
    ("written", "ask"),
    [
        ("lorazepam", True),  # a rule of the route speaks of it
        ("Ativan", True),
        ("escitalopram", False),
        ("lithium carbonate", False),  # only mentioned
        ("my grandmother's tea", True),  # no rule knows it
        ("lamotrigine", True),
    ],
)
def test_a_medication_is_continued_only_if_known_and_without_an_interaction(written: str, ask: bool) -> None:
    chart = chart_of({"add": {"medicines": [{"id": "asked", "text": written}]}})
    found = assess_eligibility(chart, RULES, on=TODAY)
    told = {m.medicine.id: m.ask for m in medicines_before(chart, RULES, found, "iv-racemic")}
    assert told["asked"] is ask


def test_a_medicine_that_was_stopped_is_not_named() -> None:
    chart = chart_of({"add": {"medicines": [{"id": "old", "text": "lorazepam", "active": False}]}})
    found = assess_eligibility(chart, RULES, on=TODAY)
    assert "old" not in {m.medicine.id for m in medicines_before(chart, RULES, found, "iv-racemic")}
