"""The REMS monitoring form of the version in force, filled from the log. Regrow prepares it; a person submits it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from regrow.knowledge import RemsForm

from .checklists import pressure
from .events import EffectiveEvent, Kind
from .fold import SessionState, rounded
from .pump import minutes


@dataclass(frozen=True)
class FilledField:
    """One question with its answer. `missing`: the form requires an answer and none is documented."""

    id: str
    text: str
    answer: str
    missing: bool


@dataclass(frozen=True)
class FilledForm:
    form: RemsForm
    blocks: Sequence[tuple[str, Sequence[FilledField]]]
    due_on: date | None

    @property
    def missing(self) -> Sequence[FilledField]:
        return [field for _, fields in self.blocks for field in fields if field.missing]

    def answer(self, id: str) -> str:
        return next(field.answer for _, fields in self.blocks for field in fields if field.id == id)


def rems_due_on(first_dose_at: datetime, form: RemsForm, zone: ZoneInfo) -> date:
    """Calendar days after the clinic's local date of the session: holidays and clock changes move nothing."""
    return first_dose_at.astimezone(zone).date() + timedelta(days=form.due_days)


def fill_rems_form(
    form: RemsForm, state: SessionState, clinic: Mapping[str, str], zone: ZoneInfo
) -> FilledForm:
    """Fill every field of the form, from the session and the clinic's values (`patient.`, `chart.` and so on).

    Current medications come by group of classes, such as `chart.takes:sedative-hypnotic`.
    """
    blocks = []
    for title, fields in form.blocks:
        filled = []
        for field in fields:
            room, _, name = field.origin.partition(".")
            asked = f"{field.origin}:{','.join(field.classes)}" if field.classes else field.origin
            answer = _SESSION[name](state, zone) if room == "session" else clinic.get(asked, "")
            filled.append(FilledField(field.id, field.text, answer, field.required and not answer))
        blocks.append((title, filled))
    due_on = rems_due_on(state.started_at, form, zone) if state.started_at else None
    return FilledForm(form, blocks, due_on)


def _before(state: SessionState) -> EffectiveEvent | None:
    taken = [e for e in state.vitals if "systolic_mmhg" in e.data]
    early = [e for e in taken if state.started_at is None or e.at <= state.started_at]
    return early[-1] if early else None


def _after(state: SessionState) -> EffectiveEvent | None:
    late = [
        e for e in state.vitals if "systolic_mmhg" in e.data and state.ended_at and e.at >= state.ended_at
    ]
    late = [e for e in late if state.left_at is None or e.at <= state.left_at]
    return late[-1] if late else None


def _reading(entry: EffectiveEvent | None) -> str:
    return pressure(entry) if entry else ""


def _dose(state: SessionState, zone: ZoneInfo) -> str:
    if state.order is None or not state.devices:
        return ""
    mg = f"{rounded(state.delivered_mg, '1')} mg"
    if state.ended_at is None:
        return ""
    return mg if state.delivered_mg == state.order.prepared_mg else f"Other: {mg}"


def _date(state: SessionState, zone: ZoneInfo) -> str:
    return state.started_at.astimezone(zone).date().isoformat() if state.started_at else ""


def _lots(state: SessionState, zone: ZoneInfo) -> str:
    lots = [str(e.data["lot"]) for e in state.devices if e.data.get("lot")]
    lots += [line.lot for line in state.containers if line.lot and not lots]
    return ", ".join(dict.fromkeys(lots))


def _total(state: SessionState, zone: ZoneInfo) -> str:
    clock = next((c for c in state.clocks if c.id == "rems_total"), None)
    if clock is None or clock.started_at is None or state.left_at is None:
        return ""
    return str(rounded(clock.elapsed_min, "1"))


def _ready(state: SessionState, zone: ZoneInfo) -> str:
    if state.ready_at is None or state.started_at is None:
        return ""
    return str(rounded(minutes(state.ready_at - state.started_at), "1"))


def _forty(state: SessionState, zone: ZoneInfo) -> str:
    line = next((c for c in state.discharge if c.id == "pressure-40"), None)
    because = line.determination.because if line else ()
    return _reading(next((e for e in state.vitals if e.id in because), None))


def _fine_before(state: SessionState, zone: ZoneInfo) -> str:
    line = next((c for c in state.before if c.id == "pressure"), None)
    if line is None or not line.determination.because:
        return ""
    return "yes" if line.determination.state == "met" else "no"


def _fine_after(state: SessionState, zone: ZoneInfo) -> str:
    line = next((c for c in state.discharge if c.id == "pressure"), None)
    if line is None or not line.determination.because:
        return ""
    return "yes" if line.determination.state == "met" else "no"


def _there(id: str) -> Callable[[SessionState, ZoneInfo], str]:
    def answer(state: SessionState, zone: ZoneInfo) -> str:
        course = next((c for c in state.courses if c.id == id), None)
        if course is None or not course.looked_for:
            return ""
        return "yes" if course.onset else "no"

    return answer


def _course(id: str) -> Callable[[SessionState, ZoneInfo], str]:
    def answer(state: SessionState, zone: ZoneInfo) -> str:
        course = next((c for c in state.courses if c.id == id), None)
        if course is None or course.onset is None or state.started_at is None:
            return ""
        began = rounded(minutes(course.onset - state.started_at), "1")
        over = f"{rounded(minutes(course.ended - state.started_at), '1')} min" if course.ended else "not over"
        return f"onset {began} min, end {over}, done: {', '.join(course.done) or 'watched'}"

    return answer


def _breathing(state: SessionState, zone: ZoneInfo) -> str:
    terms = state.rules.symptoms
    there = [
        e
        for e in state.of(Kind.SYMPTOM)
        if e.data["symptom"] in terms and terms[e.data["symptom"]].course == "respiratory"
    ]
    if there:
        return "yes"
    watched = [
        e for e in state.vitals if "spo2_percent" in e.data and state.ended_at and e.at >= state.ended_at
    ]
    return "no" if watched else ""


def _serious(state: SessionState, zone: ZoneInfo) -> str:
    terms = state.rules.symptoms
    found = [
        terms[e.data["symptom"]].text
        for e in state.of(Kind.SYMPTOM)
        if e.data["symptom"] in terms and terms[e.data["symptom"]].emergency and not e.data.get("resolved")
    ]
    if found:
        return "to be judged: " + ", ".join(dict.fromkeys(found))
    return "no" if state.left_at else ""


def _left(state: SessionState, zone: ZoneInfo) -> str:
    return state.left_at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if state.left_at else ""


def _enrolled(state: SessionState, zone: ZoneInfo) -> str:
    line = next((c for c in state.before if c.id == "rems-patient"), None)
    if line is None or not line.determination.because:
        return ""
    return "yes" if line.determination.state == "met" else "no"


_SESSION: Mapping[str, Callable[[SessionState, ZoneInfo], str]] = {
    "check_rems_patient": _enrolled,
    "date": _date,
    "dose": _dose,
    "lots": _lots,
    "total_min": _total,
    "ready_min": _ready,
    "vitals_before_ok": _fine_before,
    "vitals_after_ok": _fine_after,
    "bp_before": lambda state, zone: _reading(_before(state)),
    "bp_40": _forty,
    "bp_after": lambda state, zone: _reading(_after(state)),
    "sedation": _there("sedation"),
    "sedation_course": _course("sedation"),
    "dissociation": _there("dissociation"),
    "dissociation_course": _course("dissociation"),
    "respiratory": _breathing,
    "serious": _serious,
    "left_at": _left,
}
