"""The board of chairs and the screen beside the patient."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow import knowledge
from regrow.chart import State
from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.accounts.roles import CLINICAL, DECIDES
from regrow.clinic.checkin.facts import open_alerts, send_page_link
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed, form_id
from regrow.clinic.site.charts import strip
from regrow.clinic.treatment.models import Booking, Signature
from regrow.clinic.treatment.orders import limits_of, session_order, signed_order
from regrow.session import Kind, SessionState, unfit_order

from .facts import append, events_of, frame_of, state_of
from .models import Session

SYMPTOMS = ["Nausea", "Vomiting", "Dizzy", "Anxious", "Headache", "Floating", "Pain at line", "Other"]


@allowed(*CLINICAL)
@require_GET
def chairs(request: StaffRequest) -> HttpResponse:
    """Today's chairs: who, which phase, what is due."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start = datetime.combine(clock.today(zone), datetime.min.time(), tzinfo=zone)
    today = Booking.objects.filter(starts_at__gte=start, starts_at__lt=start + timedelta(days=1))
    rows = []
    for booking in today.select_related("course__patient", "chair", "nurse", "session").order_by("starts_at"):
        session = getattr(booking, "session", None)
        rows.append((booking, state_of(session, clock.now()) if session else None, signed_order(booking)))
    return render(request, "chairside/chairs.html", {"rows": rows})


@allowed(*CLINICAL)
@require_POST
def open_session(request: StaffRequest, booking_id: str) -> HttpResponse:
    """Opens a session under the signed order; without one it stays shut."""
    booking = get_object_or_404(Booking, id=booking_id)
    request.about = str(booking.course.patient_id)
    if hasattr(booking, "session"):
        return redirect("session", patient_id=booking.course.patient_id, session_id=booking.session.id)
    decision = signed_order(booking)
    if decision is None:
        raise Refused(
            "No order is signed for this session. The prescriber can sign one on the dosing screen."
        )
    signature: Signature = booking.course.signature
    limits = limits_of(signature)
    unfit = unfit_order(session_order(decision), limits)
    if unfit:
        raise Refused(unfit)
    if open_alerts(booking.course.patient):
        raise Refused(
            "A safety alert is open for this patient. A prescriber closes it with what was done; then it opens."
        )
    session = Session.objects.create(
        booking=booking, decision=decision, opened_by=request.user, opened_at=clock.now()
    )
    return redirect("session", patient_id=booking.course.patient_id, session_id=session.id)


def _next_action(state: SessionState, checks_left: int) -> str:
    if state.phase == "preparing":
        if checks_left:
            return "checks"
        return "vitals" if not state.vitals else "start"
    if state.phase == "paused":
        return "resume"
    if state.phase == "observing":
        return "discharge" if not state.open_criteria else "observe"
    return "vitals"


@allowed(*CLINICAL)
@require_GET
def session(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """The next thing is the largest thing; pause and stop are always in the same place."""
    found = get_object_or_404(
        Session.objects.select_related("booking__course__patient", "booking__chair", "decision"),
        id=session_id,
        booking__course__patient_id=patient_id,
    )
    protocol, limits, order = frame_of(found)
    now = found.closed_at or clock.now()  # a closed session is shown as it was when it closed
    state = state_of(found, now)
    undone = [(id, text) for id, text in protocol.before if id not in state.checks]
    findings = [c for c in protocol.discharge if c.kind == "finding"]
    states = {d.id: d for d in state.discharge}
    context = {
        "session": found,
        "patient": found.booking.course.patient,
        "protocol": protocol,
        "limits": limits,
        "order": order,
        "state": state,
        "now": now,
        "undone": undone,
        "before": [(id, text, id in state.checks) for id, text in protocol.before],
        "action": _next_action(state, len(undone)),
        "findings": [(c, states[c.id].state == State.MET) for c in findings],
        "symptoms": SYMPTOMS,
        "strip": strip(protocol, limits, order, state, now),
        "log": list(reversed(events_of(found))),
        "shown_ms": _shown_ms(state, now),
        "over_pressure": "start_hold" not in state.overrides and _over(state, limits),
        "may_override": request.user.works_as in DECIDES,
        "delivered_mg": state.delivered_mg_shown(),
        "left_ml": Decimal(state.left_ml.numerator) / state.left_ml.denominator,
        "percent": state.delivered_percent(order),
        "overdue_min": max(0, int((now - state.vitals_due_at).total_seconds() // 60))
        if state.vitals_due_at
        else 0,
    }
    return render(request, "chairside/session.html", context)


def _shown_ms(state: SessionState, now: datetime) -> int:
    """The large clock: how long the pump has run, and after the end how long the patient is observed."""
    if state.phase == "observing" and state.ended_at:
        return int((now - state.ended_at).total_seconds() * 1000)
    return state.running_ms


def _over(state: SessionState, limits: knowledge.Limits) -> bool:
    if not state.vitals or state.phase != "preparing":
        return False
    data = state.vitals[-1].data
    return bool(
        data["systolic_mmhg"] > limits.start_hold_systolic_mmhg
        or data["diastolic_mmhg"] > limits.start_hold_diastolic_mmhg
    )


# The fields of each kind that come from the form as they are.
FIELDS = {
    Kind.CHECK: ("check",),
    Kind.VITAL: ("systolic_mmhg", "diastolic_mmhg", "pulse_per_min", "spo2_percent"),
    Kind.SEDATION: ("moaas",),
    Kind.SYMPTOM: ("symptom", "severity"),
    Kind.RIDE: ("name",),
    Kind.RATE: ("rate_ml_per_h",),
    Kind.STOP: ("reason",),
    Kind.PAUSE: ("reason",),
}


@allowed(*CLINICAL)
@require_POST
def add_event(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """One tap, one event."""
    found = get_object_or_404(Session, id=session_id, booking__course__patient_id=patient_id)
    kind = request.POST.get("kind", "")
    if kind not in {k.value for k in Kind if k not in (Kind.OVERRIDE, Kind.CORRECTION)}:
        raise Refused(f"{kind!r} is not something that can be written into a session.")
    once = form_id(request)
    if kind == Kind.CHECK:
        for number, check in enumerate(request.POST.getlist("check")):
            append(found, kind, {"check": check}, author=request.user, once=once if number == 0 else None)
    elif kind == Kind.FINDING:
        for criterion in request.POST.getlist("criterion"):
            append(found, kind, {"criterion": criterion, "holds": True}, author=request.user)
    elif kind == Kind.DISCHARGE:
        tolerated = request.POST.get("tolerated") == "yes"
        append(found, kind, {"tolerated": tolerated}, author=request.user, once=once)
        send_page_link(found.booking.course.patient)
    else:
        data = {name: request.POST[name] for name in FIELDS.get(Kind(kind), ()) if request.POST.get(name)}
        append(found, kind, data, author=request.user, once=once)
    return redirect("session", patient_id=patient_id, session_id=session_id)


@allowed(*DECIDES)
@require_POST
def override(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """A prescriber starts above the hold limit, with a reason that stays in the log."""
    found = get_object_or_404(Session, id=session_id, booking__course__patient_id=patient_id)
    data = {"rule": "start_hold", "reason": request.POST.get("reason", "").strip()}
    append(found, Kind.OVERRIDE, data, author=request.user, once=form_id(request))
    return redirect("session", patient_id=patient_id, session_id=session_id)


@allowed(*CLINICAL)
@require_POST
def correct(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """Strikes an entry out; it stays in the log, and all that follows from it is computed again."""
    found = get_object_or_404(Session, id=session_id, booking__course__patient_id=patient_id)
    wrong = request.POST.get("corrects", "")
    if wrong not in {event.id for event in events_of(found)}:
        raise Refused("That entry is not in this session's log.")
    append(found, Kind.CORRECTION, {"corrects": wrong, "data": None}, author=request.user)
    return redirect("session", patient_id=patient_id, session_id=session_id)
