"""Assess one chart on one day: every determination and the ranked routes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from regrow.chart import Chart, Determination
from regrow.knowledge import CandidacyRules

from .context import context_of
from .criteria import evaluate_criterion
from .definitions import evaluate_definitions
from .interactions import evaluate_interaction, recognized_medicines
from .routes import Recommendation, Route, criterion_ids, evaluate_route, rank_routes, recommend
from .staging import evaluate_staging
from .workup import evaluate_workup


@dataclass(frozen=True)
class Eligibility:
    """The determinations of one chart. Routes are ranked; the clinician decides."""

    definitions: Sequence[Determination]
    criteria: Sequence[Determination]
    interactions: Sequence[Determination]
    workup: Sequence[Determination]
    staging: Sequence[Determination]
    routes: Sequence[Route]
    recommendation: Recommendation

    @property
    def determinations(self) -> Sequence[Determination]:
        """Return all determinations: indications, contraindications, medications, workup, staging."""
        return [*self.definitions, *self.criteria, *self.interactions, *self.workup, *self.staging]

    def of(self, id: str) -> Determination:
        return next(d for d in self.determinations if d.id == id)


def assess_eligibility(chart: Chart, rules: CandidacyRules, *, on: date) -> Eligibility:
    """Evaluate every rule for one chart as of one day."""
    about = context_of(chart, rules, on)
    definitions = evaluate_definitions(about)
    criteria = [evaluate_criterion(criterion, about) for criterion in rules.criteria]
    interactions = [
        recognized_medicines(about),
        *(evaluate_interaction(interaction, about) for interaction in rules.interactions),
    ]
    by_id = {d.id: d for d in (*definitions, *criteria, *interactions)}
    present = criterion_ids(rules.criteria, by_id)
    workup = [evaluate_workup(item, about, present) for item in rules.workup]
    files = {file.id: file for file in rules.routes if file.offered}
    routes = rank_routes([evaluate_route(file, about, by_id) for file in files.values()], files)
    return Eligibility(
        definitions=definitions,
        criteria=criteria,
        interactions=interactions,
        workup=[d for d in workup if d is not None],
        staging=[evaluate_staging(staging, about) for staging in rules.stagings],
        routes=routes,
        recommendation=recommend(routes, rules, by_id.get("crisis-path")),
    )
