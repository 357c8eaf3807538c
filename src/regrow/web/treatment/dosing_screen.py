"""Build the context of the dosing screen in one pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from regrow.course import TreatmentCourse as CoreCourse
from regrow.course import baseline
from regrow.dosing import Order, Outcome, Suggestion
from regrow.individual_estimate import DoseOptionEstimate, Estimate, NoEstimate
from regrow.knowledge import InfusionProtocol, Scale, Titration
from regrow.scales import highest_total_with_fall, shown
from regrow.web.accounts.api import DECIDES, Role, User
from regrow.web.appointments.api import next_appointment
from regrow.web.assessments.api import QuestionnaireResponse, completed_responses, score_response
from regrow.web.courses.api import ClinicianStatement, Course
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge
from regrow.web.platform.forms import ServiceForm

from .course_builder import build_course
from .decisions import estimate_of, order_for, suggestion_of
from .dose_response import weights_in_force
from .forms import DecisionForm, StatementForm
from .orders import order_is_stale, signed_order, weight_jump
from .trajectory import DoseOptionBand, dose_option_band, shapes, trajectory

_TITLES = {
    Outcome.STEP_UP: "Step up to",
    Outcome.HOLD: "Hold at",
    Outcome.STEP_DOWN: "Step down to",
}


@dataclass(frozen=True)
class DoseOption:
    """One dose option as a row: its order, its band, its state. `dose` None is a skipped week."""

    dose: Decimal | None
    told: str
    order: Order | None
    estimate: DoseOptionEstimate | None
    band: DoseOptionBand | None
    suggested: bool
    off: bool


@dataclass(frozen=True)
class ResponseRow:
    """One week's responses."""

    id: str
    when: Any
    total: str
    answers: Sequence[tuple[Any, Any]]


def dosing_context(
    course: Course, protocol: InfusionProtocol, rule: Titration, user: User, failed: ServiceForm | None = None
) -> Mapping[str, Any]:
    """Return the context: suggestion, estimate, orders and chart from one reading of the records."""
    now = clock.now()
    scale = knowledge.scale(rule.instrument)
    core = build_course(course, now)
    suggestion = suggestion_of(course, now, core=core)
    appointment = next_appointment(course)
    found = estimate_of(course, suggestion, now, core=core) if appointment else None
    made = found if isinstance(found, Estimate) else None
    dose = suggestion.dose
    current = core.doses_in_order[-1].ordered if core.doses else None
    first = baseline(core, rule.instrument)
    bound = (
        highest_total_with_fall(first.total, rule.hold_from_fall_percent)
        if first is not None and first.total is not None
        else None
    )
    weight = core.weight.kg if core.weight else None
    order = signed_order(appointment) if appointment else None
    options = _dose_options(course, core, rule, scale, suggestion, made, bound, current)
    known = knowledge.dose_effect()
    weights = dict(made.answers) if made else dict(weights_in_force(now))
    marks = [(d, "leaf") for d in (current,) if d is not None]
    marks += [(dose, "leaf next")] if dose is not None and dose != current else []
    marks += [(rule.cap, "rose")] if rule.cap not in (dose, current) else []
    return {
        "patient": course.patient,
        "course": course,
        "protocol": protocol,
        "rule": rule,
        "scale": scale,
        "appointment": appointment,
        "session_open": appointment is not None and hasattr(appointment, "session"),
        "decision": appointment.decisions.order_by("-signed_at").first() if appointment else None,
        "order_in_force": order,
        "stale": order_is_stale(order) if order and not hasattr(appointment, "session") else (),
        "jump": weight_jump(course, core),
        "suggestion": suggestion,
        "title": _title(suggestion, appointment is not None),
        "choices": [(c, knowledge.sources()[c.source]) for c in suggestion.choices],
        "dose": dose,
        "current": current,
        "weight": weight,
        "order": _order_or_none(course, dose, core) if dose is not None else None,
        "no_order": _why_no_order(course, dose, core) if dose is not None else "",
        "options": options,
        "holds": current if current is not None and dose != current and current <= rule.cap else None,
        "estimate": made,
        "no_estimate": found.why if isinstance(found, NoEstimate) else "",
        "answers_weighed": [(h.text, weights[h.id]) for h in known.hypotheses],
        "verdict": known.verdict,
        "shapes": shapes(weights, marks),
        "charts": trajectory(
            protocol,
            rule,
            scale,
            core,
            suggested=(dose if dose is not None else current) if appointment else None,
            now=now,
            response_at_most=bound,
            estimate=made,
        ),
        "sheets": _response_rows(course, scale, rule),
        "may_decide": user.works_as in DECIDES,
        "is_director": user.works_as == Role.DIRECTOR,
        "words": course.words.select_related("by").order_by("-at")[:8],
        "not_tolerated": [
            (d, _statement(failed, ("clearance",), d.session_id)) for d in _open_sessions(core)
        ],
        "contact_due": suggestion.outcome is Outcome.CONTACT_TODAY and not core.open_alerts,
        "alerts": core.open_alerts,
        "bases": ("actual", "ideal", "adjusted"),
        "basis": core.about.weight_basis,
        "contact_form": _statement(failed, ("contact",)),
        "basis_form": _statement(failed, ("weight_basis",), initial={"about": core.about.weight_basis}),
        "switch_form": _statement(failed, ("estimate_off", "estimate_on")),
        "accept_form": _decision(failed, "accept"),
        "hold_form": _decision(failed, "hold"),
        "change_form": _decision(failed, "change", initial={"dose": current}),
        "failed": failed,
        "off": next(
            (w.kind == "estimate_off" for w in reversed(_switches(course))),
            False,
        ),
    }


def _statement(
    failed: ServiceForm | None, kinds: Sequence[str], about: str = "", **more: Any
) -> StatementForm:
    """The form of one kind of statement: as it was sent if it could not be saved, else new."""
    if (
        isinstance(failed, StatementForm)
        and failed["kind"].value() in kinds
        and (not about or failed["about"].value() == about)
    ):
        return failed
    return StatementForm(auto_id=f"{kinds[0]}{about}_%s", **more)


def _decision(failed: ServiceForm | None, form: str, **more: Any) -> DecisionForm:
    """One of the three forms of a decision (accept, hold, change): as it was sent if it failed, else new."""
    if isinstance(failed, DecisionForm):
        held, accepted = failed.auto_id == "hold_%s", failed["choice"].value() == "accepted"
        if form == ("hold" if held else "accept" if accepted else "change"):
            return failed
    return DecisionForm(auto_id=f"{form}_%s", **more)


def _switches(course: Course) -> list[ClinicianStatement]:
    return list(course.words.filter(kind__in=("estimate_off", "estimate_on")).order_by("at"))


def _title(suggestion: Suggestion, ahead: bool) -> str:
    if not ahead:
        return "The series is complete"
    if suggestion.first_dose:
        return f"Start with {suggestion.dose}\N{NO-BREAK SPACE}{suggestion.unit}"
    if suggestion.outcome in _TITLES:
        return f"{_TITLES[suggestion.outcome]} {suggestion.dose}\N{NO-BREAK SPACE}{suggestion.unit}"
    if suggestion.outcome is Outcome.REVIEW:
        return "Decide with the patient"
    if suggestion.outcome is Outcome.CONTACT_TODAY:
        return "Contact the patient today"
    return "Prescriber decides" if suggestion.prescriber_decides else "No suggestion yet"


def _open_sessions(core: CoreCourse) -> Sequence[Any]:
    cleared = {w.about for w in core.said("clearance")}
    return [d for d in core.doses_in_order if not d.tolerated and d.session_id not in cleared]


def _dose_options(
    course: Course,
    core: CoreCourse,
    rule: Titration,
    scale: Scale,
    suggestion: Suggestion,
    made: Estimate | None,
    bound: int | None,
    current: Decimal | None,
) -> Sequence[DoseOption]:
    estimates = {r.dose: r for r in made.options} if made else {}
    doses: list[Decimal | None] = [*rule.ladder, *([None] if made else [])]
    rows = []
    for dose in doses:
        found = estimates.get(dose)
        suggested = dose is not None and dose == suggestion.dose
        off = found is not None and not found.allowed
        rows.append(
            DoseOption(
                dose,
                _explanation(dose, rule, current, suggested=suggested, off=off),
                _order_or_none(course, dose, core) if dose is not None else None,
                found,
                dose_option_band(scale, found.next_score, bound) if found else None,
                suggested,
                off,
            )
        )
    return rows


def _explanation(
    dose: Decimal | None, rule: Titration, current: Decimal | None, *, suggested: bool, off: bool
) -> str:
    if dose is None:
        return "skip this week"
    if suggested and dose == current:
        return "hold, suggested"
    if suggested:
        return "suggested"
    if dose == current:
        return "given last"
    if off and current is not None and dose > current:
        return "cap, not yet" if dose == rule.cap else "more than one step"
    return "cap of the rule" if dose == rule.cap else ""


def _order_or_none(course: Course, dose: Decimal, core: CoreCourse) -> Order | None:
    try:
        return order_for(course, dose, core=core)
    except ActionRefused:
        return None


def _why_no_order(course: Course, dose: Decimal, core: CoreCourse) -> str:
    try:
        order_for(course, dose, core=core)
    except ActionRefused as why_not:
        return str(why_not)
    return ""


def _response_rows(course: Course, scale: Scale, rule: Titration) -> Sequence[ResponseRow]:
    """Return each week's responses on the course's instrument, newest first."""
    rows: Sequence[QuestionnaireResponse] = list(
        completed_responses(course.patient).filter(instrument=rule.instrument).order_by("-completed_at")[:60]
    )
    made = []
    for row in rows:
        result = score_response(row)
        items = knowledge.scale(row.instrument, row.version).items
        total = shown(result.total) if result.total is not None else "not scorable"
        made.append(
            ResponseRow(str(row.id), row.completed_at, total, list(zip(items, row.answers, strict=False)))
        )
    return made
