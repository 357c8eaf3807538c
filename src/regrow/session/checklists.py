"""The two checklists of a session: before the first dose, and before discharge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from regrow.chart import CriterionStatus, Determination
from regrow.knowledge import DischargeCriterion, PreDoseItem, TimedMeasurement

from .events import EffectiveEvent, Kind
from .projection import PRESSURE, SessionProjection
from .pump import minutes

# One of these is required as a third identifier when a patient with a similar name is here the same day.
THIRD_IDENTIFIERS = frozenset({"photo", "mrn", "wristband"})


@dataclass(frozen=True)
class ChecklistItem:
    """A line of a checklist. `force`: hard, gate (a prescriber may override) or warn. `since` is when it was met."""

    determination: Determination
    force: str
    overridden: bool = False
    since: datetime | None = None

    @property
    def id(self) -> str:
        return self.determination.id

    @property
    def open(self) -> bool:
        return self.determination.state is not CriterionStatus.MET and not self.overridden

    @property
    def sentence(self) -> str:
        """Return the line and what would satisfy it."""
        found = self.determination
        missing = [text for text in found.missing if text not in found.text]
        will_do = f" ({missing[0]})" if missing else ""
        override = "; or the prescriber's override" if self.force == "gate" and self.open else ""
        return found.text + will_do + override


@dataclass(frozen=True)
class _Line:
    """Build the items of one checklist line."""

    id: str
    text: str
    force: str
    overridden: bool

    def __call__(
        self,
        state: CriterionStatus,
        *because: EffectiveEvent,
        text: str = "",
        missing: str = "",
        since: datetime | None = None,
    ) -> ChecklistItem:
        ids = tuple(entry.id for entry in because)
        found = Determination(self.id, state, text or self.text, ids, (missing,) if missing else ())
        return ChecklistItem(
            found, self.force, self.overridden, since or (because[-1].at if because else None)
        )


def pre_dose_checklist(seen: SessionProjection) -> Sequence[ChecklistItem]:
    """Pre-dose checklist, in the protocol's order."""
    return [_before(seen, item) for item in seen.rules.before]


def discharge_list(seen: SessionProjection, at: datetime) -> Sequence[ChecklistItem]:
    """Discharge criteria at `at`. Only what was recorded after the end of the dose counts."""
    return [_home(seen, criterion, at) for criterion in seen.rules.discharge]


def _before(seen: SessionProjection, item: PreDoseItem) -> ChecklistItem:
    first = seen.first_dose_at

    def early(kind: Kind) -> Sequence[EffectiveEvent]:
        return [e for e in seen.of(kind) if first is None or e.at <= first]

    answer = _Line(item.id, item.text, item.force, item.id in seen.overridden)

    if item.kind == "identity":
        entries = early(Kind.IDENTITY)
        if not entries:
            return answer(
                CriterionStatus.NOT_DOCUMENTED, missing="two identifiers, such as name and date of birth"
            )
        by = entries[-1].data["by"]
        if len(by) < 2:
            return answer(CriterionStatus.NOT_MET, entries[-1], missing="a second identifier")
        if seen.order and seen.order.name_alike and not THIRD_IDENTIFIERS & set(by):
            text = "Name alert: similar name today; verify photo or MRN"
            return answer(CriterionStatus.NOT_MET, entries[-1], missing=text)
        return answer(CriterionStatus.MET, entries[-1])
    if item.kind == "double_check":
        entries = early(Kind.DOUBLE_CHECK)
        own = {e.event.author for e in early(Kind.DRAW)}
        second = [e for e in entries if e.event.author not in own]
        if second:
            return answer(CriterionStatus.MET, second[-1])
        return answer(
            CriterionStatus.NOT_DOCUMENTED, missing="a check by someone who did not prepare the dose"
        )
    if item.kind == "vitals":
        taken = [e for e in seen.vitals(*PRESSURE) if first is None or e.at <= first]
        if taken:
            return answer(CriterionStatus.MET, taken[-1])
        return answer(CriterionStatus.NOT_DOCUMENTED, missing="take a first set of vital signs")
    if item.kind == "pressure":
        return _start_pressure(seen, answer, first)
    if item.kind == "presence":
        if seen.prescriber_here:
            return answer(CriterionStatus.MET, seen.of(Kind.PRESENCE)[-1])
        state = CriterionStatus.NOT_DOCUMENTED if seen.prescriber_here is None else CriterionStatus.NOT_MET
        return answer(state, *seen.of(Kind.PRESENCE)[-1:], missing="a prescriber marks themselves on site")
    checks = [e for e in early(Kind.CHECK) if e.data["check"] == item.id]
    if not checks:
        return answer(CriterionStatus.NOT_DOCUMENTED)
    good = checks[-1].data.get("holds", True)
    return answer(CriterionStatus.MET if good else CriterionStatus.NOT_MET, checks[-1])


def _start_pressure(seen: SessionProjection, answer: _Line, first: datetime | None) -> ChecklistItem:
    upper, lower = _limits(seen, "start_hold")
    taken = [e for e in seen.vitals(*PRESSURE) if first is None or e.at <= first]
    if not taken:
        return answer(CriterionStatus.NOT_DOCUMENTED, missing="take a first set of vital signs")
    last = taken[-1]
    high = (upper is not None and last.data["systolic_mmhg"] > upper) or (
        lower is not None and last.data["diastolic_mmhg"] > lower
    )
    if not high:
        return answer(CriterionStatus.MET, last)
    return answer(
        CriterionStatus.NOT_MET,
        last,
        text=f"Blood pressure was {pressure(last)}",
        missing=f"a reading of {upper}/{lower} or less",
    )


def _home(seen: SessionProjection, criterion: DischargeCriterion, at: datetime) -> ChecklistItem:
    end = seen.ended_at

    answer = _Line(criterion.id, criterion.text, criterion.force, criterion.id in seen.overridden)

    if criterion.kind == "ride":
        ride = seen.last(Kind.RIDE)
        if ride:
            return answer(CriterionStatus.MET, ride, text=f"{criterion.text}: {ride.data['name']}")
        return answer(CriterionStatus.NOT_DOCUMENTED, missing="the name of the ride home")
    if end is None or end > at:
        return answer(CriterionStatus.NOT_DOCUMENTED, missing=f"the end of the {_dose_noun(seen)}")
    if criterion.kind == "observation":
        need = seen.order.limit("observation_min") if seen.order else None
        if need is None:
            return answer(CriterionStatus.NOT_DOCUMENTED, missing="a signed observation time")
        return _waited(answer, criterion.text, end, at, need)
    if criterion.kind == "clock":
        clock = next(c for c in seen.rules.clocks if c.id == criterion.clock)
        anchor = seen.anchor(clock.anchor)
        if anchor is None or clock.at_least_min is None:
            return answer(CriterionStatus.NOT_DOCUMENTED, missing=f"the {clock.anchor.replace('_', ' ')}")
        return _waited(answer, criterion.text, anchor, at, Decimal(clock.at_least_min))
    if criterion.kind == "capture":
        capture = next(c for c in seen.rules.captures if c.id == criterion.capture)
        taken = due_measurements(seen, capture)
        if taken:
            return answer(CriterionStatus.MET, taken, text=f"{criterion.text}: {pressure(taken)}")
        return answer(CriterionStatus.NOT_DOCUMENTED, missing="a reading within its time window")
    return _finding(seen, criterion, end, answer)


def _finding(
    seen: SessionProjection, criterion: DischargeCriterion, end: datetime, answer: _Line
) -> ChecklistItem:
    if criterion.kind == "scale":
        title = seen.rules.scales[criterion.scale].title if criterion.scale in seen.rules.scales else "scale"
        scores = [e for e in seen.scores(criterion.scale) if e.at >= end]
        if not scores:
            return answer(CriterionStatus.NOT_DOCUMENTED, missing=f"{title} after the end")

        def holds(entry: EffectiveEvent) -> bool:
            total = entry.data["total"]
            enough = criterion.at_least is None or total >= criterion.at_least
            return bool(enough and (criterion.at_most is None or total <= criterion.at_most))

        text = f"{criterion.text}: {scores[-1].data['total']}"
        return _latest(answer, scores, holds, text, "")
    if criterion.kind == "pressure":
        upper, lower = _limits(seen, "discharge")
        known = upper is not None and lower is not None
        bound = f"a reading under {upper}/{lower}" if known else "a reading under the signed limit"
        readings = [e for e in seen.vitals(*PRESSURE) if e.at >= end]
        if not readings:
            return answer(CriterionStatus.NOT_DOCUMENTED, missing=f"{bound} after the end")

        def low(entry: EffectiveEvent) -> bool:
            return (upper is None or entry.data["systolic_mmhg"] < upper) and (
                lower is None or entry.data["diastolic_mmhg"] < lower
            )

        return _latest(answer, readings, low, f"{criterion.text}: {pressure(readings[-1])}", bound)
    if criterion.kind == "spo2":
        least = seen.order.limit("discharge_spo2_percent") if seen.order else None
        readings = [e for e in seen.vitals("spo2_percent") if e.at >= end]
        bound = f"SpO₂ of {least}% or more"
        if not readings:
            return answer(CriterionStatus.NOT_DOCUMENTED, missing=f"{bound} after the end")
        text = f"{criterion.text}: {readings[-1].data['spo2_percent']}%"
        return _latest(
            answer, readings, lambda e: least is None or e.data["spo2_percent"] >= least, text, bound
        )
    findings = [e for e in seen.of(Kind.FINDING) if e.data["criterion"] == criterion.id and e.at >= end]
    if not findings:
        return answer(CriterionStatus.NOT_DOCUMENTED, missing=criterion.text[0].lower() + criterion.text[1:])
    return _latest(answer, findings, lambda e: bool(e.data["holds"]), criterion.text, "")


def _latest(
    answer: _Line,
    entries: Sequence[EffectiveEvent],
    holds: Callable[[EffectiveEvent], bool],
    text: str,
    missing: str,
) -> ChecklistItem:
    """Decided by the latest entry; met since the first of the unbroken run that ends with it."""
    if not holds(entries[-1]):
        return answer(CriterionStatus.NOT_MET, entries[-1], text=text, missing=missing)
    since = entries[-1].at
    for entry in reversed(entries):
        if not holds(entry):
            break
        since = entry.at
    return answer(CriterionStatus.MET, entries[-1], text=text, since=since)


def _waited(answer: _Line, text: str, since: datetime, at: datetime, need: Decimal) -> ChecklistItem:
    done = since + timedelta(minutes=float(need))
    shown = f"{text}: {int(minutes(max(at - since, timedelta(0))))} of {need:f} min"
    if at >= done:
        return answer(CriterionStatus.MET, text=shown, since=done)
    more = -(-(done - at) // timedelta(minutes=1))
    return answer(CriterionStatus.NOT_MET, text=shown, missing=f"{more} min more")


def due_measurements(seen: SessionProjection, capture: TimedMeasurement) -> EffectiveEvent | None:
    """The first measurement inside a capture's window, or None."""
    window = window_of(seen, capture)
    if window is None:
        return None
    opens, _, closes = window
    entries = list(seen.vitals(*PRESSURE)) if capture.what == "pressure" else seen.scores(capture.what)
    return next((e for e in entries if opens <= e.at and (closes is None or e.at <= closes)), None)


def window_of(
    seen: SessionProjection, capture: TimedMeasurement
) -> tuple[datetime, datetime, datetime | None] | None:
    """When a capture opens, is due and closes. None before its anchor, or when its limit was left empty.

    Without a signed width it opens when the anchor is reached and does not close.
    """
    anchor = seen.anchor(capture.anchor)
    if anchor is None or seen.order is None:
        return None
    after = capture.at_min if isinstance(capture.at_min, Decimal) else seen.order.limit(capture.at_min)
    if after is None:
        return None
    due = anchor + timedelta(minutes=float(after))
    early, late = seen.order.limit(capture.early), seen.order.limit(capture.late)
    opens = due - timedelta(minutes=float(early)) if early is not None else anchor
    return opens, due, due + timedelta(minutes=float(late)) if late is not None else None


def pressure(entry: EffectiveEvent) -> str:
    return f"{entry.data['systolic_mmhg']}/{entry.data['diastolic_mmhg']}"


def _limits(seen: SessionProjection, prefix: str) -> tuple[Decimal | None, Decimal | None]:
    if seen.order is None:
        return None, None
    return seen.order.limit(f"{prefix}_systolic_mmhg"), seen.order.limit(f"{prefix}_diastolic_mmhg")


def _dose_noun(seen: SessionProjection) -> str:
    return {"infusion": "infusion", "devices": "last device", "single": "dose"}[seen.rules.way]
