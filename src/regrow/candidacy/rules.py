"""The determinations of candidacy, and the routes that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from regrow.chart import Chart, Determination, State
from regrow.knowledge import Antidepressant, CandidacyRules, Condition, TrdDefinition

from .trials import judge_trial


@dataclass(frozen=True)
class Route:
    """A way to be treated: open, closed or undecided, with the determinations that decide it."""

    id: str
    title: str
    state: str
    because: Sequence[str]


@dataclass(frozen=True)
class Candidacy:
    determinations: Sequence[Determination]
    routes: Sequence[Route]

    def of(self, id: str) -> Determination:
        return next(d for d in self.determinations if d.id == id)


def determine(
    chart: Chart, rules: CandidacyRules, antidepressants: Sequence[Antidepressant], *, on: date
) -> Candidacy:
    """Every determination of the rules for one chart on one day."""
    known = tuple(antidepressants)
    determinations = [
        _adult(chart, on),
        _depression(chart),
        *(_resistant(chart, definition, known) for definition in rules.definitions),
        *(_absent(chart, condition, f"no-{condition.id}") for condition in rules.contraindications),
        *(_caution(chart, condition) for condition in rules.cautions if _matches(chart, condition)),
    ]
    by_id = {d.id: d for d in determinations}
    barriers = [by_id[f"no-{c.id}"] for c in rules.contraindications]
    base = [by_id["adult"], by_id["depression"]]
    routes = [
        _route("iv-racemic", "IV racemic ketamine", [*base, by_id["trd-clinic"], *barriers]),
        _route("spravato", "Spravato (esketamine)", [*base, by_id["trd-strict"], *barriers]),
    ]
    return Candidacy(determinations, routes)


def _route(id: str, title: str, needs: Sequence[Determination]) -> Route:
    refused = [d.id for d in needs if d.state is State.NOT_MET]
    open_questions = [d.id for d in needs if d.state is State.NOT_DOCUMENTED]
    if refused:
        return Route(id, title, "closed", refused)
    if open_questions:
        return Route(id, title, "undecided", open_questions)
    return Route(id, title, "open", [d.id for d in needs])


def _adult(chart: Chart, on: date) -> Determination:
    age = chart.age_years(on)
    if age is None:
        return Determination("adult", State.NOT_DOCUMENTED, "18 years or older", (), ("date of birth",))
    state = State.MET if age >= 18 else State.NOT_MET
    return Determination("adult", state, f"18 years or older: {age}", (chart.patient_id,))


def _depression(chart: Chart) -> Determination:
    found = [d for d in chart.diagnoses if d.icd10.upper().startswith(("F32", "F33"))]
    text = "Major depressive disorder diagnosed"
    if found:
        return Determination("depression", State.MET, f"{text}: {found[-1].icd10}", [d.id for d in found])
    return Determination("depression", State.NOT_DOCUMENTED, text, (), ("a diagnosis, ICD-10 F32 or F33",))


def _resistant(chart: Chart, definition: TrdDefinition, known: tuple[Antidepressant, ...]) -> Determination:
    judged = [judge_trial(trial, definition, known) for trial in chart.trials]
    failed = {j.drug: j for j in judged if j.counts is State.MET}
    possible = {j.drug for j in judged if j.counts is State.NOT_DOCUMENTED} - failed.keys()
    need = definition.failed_trials_at_least
    reasons = "; ".join(j.reason for j in judged) or "no antidepressant trial is recorded"
    text = f"{definition.text}. {len(failed)} of {need}: {reasons}"
    missing = [m for j in judged for m in j.missing]
    if len(failed) >= need:
        because = [j.trial_id for j in judged if j.counts is State.MET]
        return Determination(definition.id, State.MET, text, because)
    if len(failed) + len(possible) >= need:
        return Determination(definition.id, State.NOT_DOCUMENTED, text, [j.trial_id for j in judged], missing)
    if not chart.trials:
        return Determination(
            definition.id, State.NOT_DOCUMENTED, text, (), ["the antidepressants tried so far"]
        )
    return Determination(definition.id, State.NOT_MET, text, [j.trial_id for j in judged], missing)


def _matches(chart: Chart, condition: Condition) -> Sequence[str]:
    return [
        c.id
        for c in chart.conditions
        if any(word in c.text.lower() for word in condition.words)
        or any(c.icd10.upper().startswith(code) for code in condition.icd10 if c.icd10)
    ]


def _absent(chart: Chart, condition: Condition, id: str) -> Determination:
    """Absent only when somebody asked: without a record either way it is not documented."""
    found = _matches(chart, condition)
    if found:
        return Determination(id, State.NOT_MET, f"{condition.text} is recorded", found)
    asked = [a.id for a in chart.attestations if a.criterion == id and a.holds]
    if asked:
        return Determination(id, State.MET, f"No {_lower(condition.text)}: asked and denied", asked)
    return Determination(
        id, State.NOT_DOCUMENTED, f"No {_lower(condition.text)}", (), [f"ask about: {_lower(condition.text)}"]
    )


def _caution(chart: Chart, condition: Condition) -> Determination:
    return Determination(f"caution-{condition.id}", State.MET, condition.text, _matches(chart, condition))


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
