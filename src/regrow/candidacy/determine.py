"""Everything that candidacy says about one chart on one day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from regrow.chart import Chart, Determination
from regrow.knowledge import CandidacyRules

from .context import context_of
from .criteria import decide_criterion
from .definitions import decide_definitions
from .interactions import decide_interaction, medicines_recognised
from .routes import Recommendation, Route, criterion_ids, decide_route, rank, recommend
from .staging import decide_staging
from .workup import decide_workup


@dataclass(frozen=True)
class Candidacy:
    """What follows from a chart. The routes are ranked; the clinician decides."""

    definitions: Sequence[Determination]
    criteria: Sequence[Determination]
    interactions: Sequence[Determination]
    workup: Sequence[Determination]
    staging: Sequence[Determination]
    routes: Sequence[Route]
    recommendation: Recommendation

    @property
    def determinations(self) -> Sequence[Determination]:
        """All of them, in the order: who, what stands against, medicines, work-up, staging."""
        return [*self.definitions, *self.criteria, *self.interactions, *self.workup, *self.staging]

    def of(self, id: str) -> Determination:
        return next(d for d in self.determinations if d.id == id)


def determine(chart: Chart, rules: CandidacyRules, *, on: date) -> Candidacy:
    """Every determination of the rules for one chart as of one day."""
    about = context_of(chart, rules, on)
    definitions = decide_definitions(about)
    criteria = [decide_criterion(criterion, about) for criterion in rules.criteria]
    interactions = [
        medicines_recognised(about),
        *(decide_interaction(interaction, about) for interaction in rules.interactions),
    ]
    by_id = {d.id: d for d in (*definitions, *criteria, *interactions)}
    present = criterion_ids(rules.criteria, by_id)
    workup = [decide_workup(item, about, present) for item in rules.workup]
    files = {file.id: file for file in rules.routes if file.offered}
    routes = rank([decide_route(file, about, by_id) for file in files.values()], files)
    return Candidacy(
        definitions=definitions,
        criteria=criteria,
        interactions=interactions,
        workup=[d for d in workup if d is not None],
        staging=[decide_staging(staging, about) for staging in rules.stagings],
        routes=routes,
        recommendation=recommend(routes, rules, by_id.get("crisis-path")),
    )
