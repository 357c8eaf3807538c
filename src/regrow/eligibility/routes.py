"""Evaluate and rank the treatment routes, with reasons for the prescriber and the patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrow.chart import CriterionStatus, Determination, any_of
from regrow.knowledge import CandidacyRules, Criterion, Interaction, ProductRule, RouteFile

from .context import Context, lower

OPEN, UNDECIDED, CLOSED = "open", "undecided", "closed"


@dataclass(frozen=True)
class RouteReason:
    """One reason for a route's state: a determination, its effect on this route, and both wordings."""

    determination: str
    action: str
    text: str
    plain: str


@dataclass(frozen=True)
class Route:
    """A route: open, closed or undecided, with the determinations that decide it.

    `reasons` are those behind `because`; `cautions` are shown and decide nothing.
    """

    id: str
    title: str
    state: str
    because: Sequence[str]
    reasons: Sequence[RouteReason]
    cautions: Sequence[RouteReason]


@dataclass(frozen=True)
class Recommendation:
    """The outcome by the record: a route, `either`, `neither` or `undecided`. The prescriber decides."""

    outcome: str
    text: str
    plain: str
    alternatives: Sequence[tuple[str, str]]


def evaluate_route(route: RouteFile, about: Context, by_id: Mapping[str, Determination]) -> Route:
    """Evaluate one route. A hard finding or an unmet need closes it; missing data or a pending override leaves it
    undecided.
    """
    closing: list[RouteReason] = []
    opening: list[RouteReason] = []
    undecided: list[RouteReason] = []
    cautions: list[RouteReason] = []
    for name in route.needs_all:
        _sort(by_id[name], by_id[name].state, "need", opening, undecided, closing)
    if route.needs_any:
        some = [by_id[name] for name in route.needs_any]
        state = any_of(d.state for d in some)
        for d in some:
            if d.state is state:
                _sort(d, state, "need", opening, undecided, closing)
    for criterion in about.rules.criteria:
        rule = criterion.products.get(route.id)
        if rule is not None:
            d = by_id[criterion.determination]
            _weigh(d, rule, criterion.id, about, d.state, (opening, undecided, closing, cautions))
    for interaction in about.rules.interactions:
        rule = interaction.products.get(route.id)
        d = by_id[f"interaction-{interaction.id}"]
        if rule is not None and d.state is CriterionStatus.MET:
            _weigh_interaction(d, interaction, rule, about, (opening, undecided, closing, cautions))
    for result, reasons in ((CLOSED, closing), (UNDECIDED, undecided), (OPEN, opening)):
        if reasons:
            because = [reason.determination for reason in reasons]
            return Route(route.id, route.title, result, because, reasons, cautions)
    return Route(route.id, route.title, OPEN, [], [], cautions)


Piles = tuple[list[RouteReason], list[RouteReason], list[RouteReason], list[RouteReason]]


def _sort(
    d: Determination,
    state: CriterionStatus,
    action: str,
    opening: list[RouteReason],
    undecided: list[RouteReason],
    closing: list[RouteReason],
) -> None:
    pile = {
        CriterionStatus.MET: opening,
        CriterionStatus.NOT_MET: closing,
        CriterionStatus.NOT_DOCUMENTED: undecided,
    }[state]
    pile.append(RouteReason(d.id, action, d.text, d.plain))


def _weigh(
    d: Determination, rule: ProductRule, id: str, about: Context, state: CriterionStatus, piles: Piles
) -> None:
    opening, undecided, closing, cautions = piles
    note = f" ({rule.note})" if rule.note and state is CriterionStatus.NOT_MET else ""
    reason = RouteReason(d.id, rule.action, f"{d.text}{note}", d.plain)
    if rule.action in ("warn", "info"):
        if state is CriterionStatus.NOT_MET:
            cautions.append(reason)
    elif state is CriterionStatus.MET:
        opening.append(reason)
    elif state is CriterionStatus.NOT_DOCUMENTED:
        undecided.append(reason)
    elif rule.action == "hard":
        closing.append(reason)
    else:
        _accepted(reason, id, about, piles)


def _accepted(reason: RouteReason, id: str, about: Context, piles: Piles) -> None:
    """Apply the prescriber's signed statement to a finding that may be overridden."""
    opening, undecided, closing, cautions = piles
    said = about.chart.attested(f"accepts-{id}")
    if said is None:
        needs = next((c.needs for c in about.rules.criteria if c.id == id), "the prescriber's reason")
        undecided.append(
            RouteReason(reason.determination, "gate", f"{reason.text}; needs {needs}", reason.plain)
        )
    elif said.holds:
        because = f": {said.text}" if said.text else ""
        opening.append(
            RouteReason(reason.determination, "gate", f"{reason.text}; accepted{because}", reason.plain)
        )
        cautions.append(reason)
    else:
        closing.append(
            RouteReason(reason.determination, "gate", f"{reason.text}; not accepted", reason.plain)
        )


def _weigh_interaction(
    d: Determination, interaction: Interaction, rule: ProductRule, about: Context, piles: Piles
) -> None:
    reason = RouteReason(d.id, rule.action, d.text, d.plain)
    if rule.action == "hard":
        piles[2].append(reason)
    elif rule.action == "gate" and not interaction.same_day:
        _accepted(reason, interaction.id, about, piles)
    elif rule.action != "info":
        # Same-day checks are done before each dose and do not decide eligibility.
        piles[3].append(reason)


def rank_routes(routes: Sequence[Route], files: Mapping[str, RouteFile]) -> Sequence[Route]:
    """Rank open before undecided before closed; then fewer precautions; then labeled use."""
    states = [OPEN, UNDECIDED, CLOSED]
    return sorted(
        routes,
        key=lambda r: (states.index(r.state), len(r.cautions), not files[r.id].labelled, files[r.id].order),
    )


def recommend(ranked: Sequence[Route], rules: CandidacyRules, crisis: Determination | None) -> Recommendation:
    """Combine the ranked routes into one recommendation, in text for the prescriber and for the patient."""
    files = {file.id: file for file in rules.routes}
    open_ = [route for route in ranked if route.state == OPEN]
    waiting = [route for route in ranked if route.state == UNDECIDED]
    closed = [route for route in ranked if route.state == CLOSED]
    alternatives = [(file.title, file.for_plain) for file in rules.routes if file.group == "alternative"]
    if len(open_) > 1:
        outcome = "either"
        text = "Either is open. " + " ".join(f"{r.title}: {lower(files[r.id].for_)}." for r in open_)
        plain = "Both ways are open to you. " + " ".join(files[r.id].for_plain for r in open_)
        plain += " You decide together with your prescriber."
    elif open_:
        outcome = open_[0].id
        file = files[outcome]
        text = f"{file.title} is open. {file.for_}."
        plain = f"One way is open to you. {file.for_plain}"
    elif waiting:
        outcome = "undecided"
        gaps = list(dict.fromkeys(r.determination for route in waiting for r in route.reasons))
        text = f"Nothing is decided yet; {len(gaps)} questions are open: {', '.join(gaps)}."
        plain = (
            "We cannot say yet which way is right for you; there are still questions to go through together."
        )
    else:
        outcome = "neither"
        text = f"Neither is open. To discuss: {', '.join(title for title, _ in alternatives)}."
        plain = "Ketamine is not the right way for you at present. Other ways help many people: "
        plain += " ".join(words for _, words in alternatives)
    text += "".join(f" {r.title} is closed by {', '.join(r.because)}." for r in closed)
    if open_:
        text += "".join(f" {r.title} needs {', '.join(r.because)}." for r in waiting)
        plain += "".join(f" {_because(r, files[r.id])}" for r in closed)
    elif outcome == "neither":
        plain = f"{plain} {' '.join(_because(r, files[r.id]) for r in closed)}"
    if crisis is not None and crisis.state is CriterionStatus.MET:
        text, plain = f"{crisis.text} {text}", f"{crisis.plain} {plain}"
    return Recommendation(outcome, text, plain, alternatives if outcome == "neither" else ())


def _because(route: Route, file: RouteFile) -> str:
    reasons = "; ".join(lower(r.plain) for r in route.reasons if r.action != "need")
    needs = [lower(r.plain) for r in route.reasons if r.action == "need"][:1]
    said = [f"because of: {reasons}"] if reasons else []
    said += [f"because this is needed for it: {needs[0]}"] if needs else []
    return f"Not {file.plain}, {', and '.join(said)}."


def criterion_ids(criteria: Sequence[Criterion], by_id: Mapping[str, Determination]) -> frozenset[str]:
    """Return the criteria present in the chart."""
    return frozenset(c.id for c in criteria if by_id[c.determination].state is CriterionStatus.NOT_MET)
