"""Signed doses and dosing sessions of the demo clinic, from order to discharge."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

from regrow.dosing import Outcome
from regrow.knowledge import SessionRules
from regrow.web.accounts.api import User
from regrow.web.appointments.api import Appointment
from regrow.web.courses.api import Course
from regrow.web.dosing_sessions.api import DosingSession, SessionEvent, append
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.treatment.api import (
    DoseDecision,
    build_course,
    open_session,
    order_event_data,
    record_statement,
    sign_decision,
    suggestion_of,
)

from .people import random_id
from .stock import VIAL_LOT, VIAL_MG, next_containers

PROTOCOL = "iv-weekly-6"

# A line of a demo log: minute from the dose, who, what, with which values.
LogLine = tuple[float, str, str, dict[str, Any]]


def sign_next_dose(course: Course, staff: dict[str, User], once: str | None = None) -> DoseDecision:
    """Sign the suggestion; where the rules leave a choice, one step up with the patient's agreement."""
    suggestion = suggestion_of(course)
    if suggestion.outcome is Outcome.CONTACT_TODAY and not build_course(course).open_alerts:
        record_statement(
            course,
            kind="contact",
            about="",
            text="Called; a hard week at work, safe, wants to go on",
            by=staff["lin"],
        )
    elif suggestion.dose is not None:
        return sign_decision(
            course, choice="accepted", dose=str(suggestion.dose), reason="", signed_by=staff["lin"], once=once
        )
    rule = knowledge.titration("weekly-6")
    current = build_course(course).doses_in_order[-1].ordered
    higher = [rung for rung in rule.ladder if rung > current and suggestion.outcome is Outcome.REVIEW]
    return sign_decision(
        course,
        choice="changed",
        dose=str(next(iter(higher), current)),
        reason="Discussed with the patient, who prefers a higher dose to stopping"
        if higher
        else "Discussed with the patient: the same dose again",
        signed_by=staff["lin"],
        once=once,
    )


def hold_session(
    appointment: Appointment, course: Course, chance: random.Random, staff: dict[str, User]
) -> None:
    """Hold a session from order to discharge."""
    t0 = appointment.starts_at + timedelta(minutes=20)
    with clock.using(lambda: appointment.starts_at):
        decision = sign_next_dose(course, staff, once=str(random_id(chance)))
    minutes = int((decision.order or {})["minutes"])
    session = DosingSession.objects.create(
        id=random_id(chance),
        appointment=appointment,
        decision_id=decision.id,
        opened_by=appointment.nurse,
        opened_at=appointment.starts_at,
    )
    rules = knowledge.session_rules(PROTOCOL)
    vial = f"{VIAL_LOT}-{DosingSession.objects.count():03d}"
    log: list[LogLine] = [
        (-19, "lin", "order", {**order_event_data(decision), "title": appointment.chair.name}),
        (-18, "lin", "presence", {"who": "lin", "here": True}),
        *_before_dose(rules, appointment.nurse.username, (decision.order or {})["prepared_mg"], [vial]),
    ]
    base = chance.randint(112, 134)
    nurse = appointment.nurse.username

    def vital(minute: float, rise: int) -> LogLine:
        systolic = base + rise + chance.randint(-4, 4)
        data = {"systolic_mmhg": systolic, "diastolic_mmhg": systolic - chance.randint(42, 52)}
        return (
            minute,
            nurse,
            "vital",
            {**data, "pulse_per_min": 64 + rise // 2, "spo2_percent": chance.randint(96, 99)},
        )

    log += [
        vital(-5, 0),
        (0, nurse, "start", {}),
        vital(10, 8),
        vital(20, 14),
        vital(30, 18),
        vital(minutes - 1, 16),
    ]
    if chance.random() < 0.3:
        symptom = chance.choice(["nausea", "floating", "dizzy"])
        log.append((22, nurse, "symptom", {"symptom": symptom, "severity": chance.choice([1, 2, 2, 3])}))
        log.append((minutes + 8, nurse, "symptom", {"symptom": symptom, "resolved": True}))
    end = minutes + 0.2
    waste = str(random_id(chance))
    log += [
        (end, nurse, "complete", {}),
        vital(end + 12, 8),
        vital(end + 28, 2),
        (end + 29, nurse, "scale", {"scale": "moaas", "total": 5}),
    ]
    findings = [c.id for c in rules.discharge if c.kind == "finding"]
    log += [(end + 29.5, nurse, "finding", {"criterion": id, "holds": True}) for id in findings]
    home = chance.choice(["sister", "friend", "partner"])
    left = Decimal(VIAL_MG) - Decimal((decision.order or {})["prepared_mg"])
    log += [
        (end + 31, nurse, "ride", {"name": home}),
        (end + 33, nurse, "handover", {"name": home, "tolerated": True}),
        (end + 35, nurse, "waste", {"container": vial, "mg": str(left)}),
        (end + 36, other_nurse(nurse), "witness", {"waste": waste}),
        (end + 38, nurse, "close", {}),
    ]
    who = {user.username: user for user in staff.values()}
    SessionEvent.objects.bulk_create(
        SessionEvent(
            id=waste if kind == "waste" else random_id(chance),
            number=number,
            session=session,
            kind=kind,
            device_time=t0 + timedelta(minutes=minute),
            server_time=t0 + timedelta(minutes=minute, seconds=1),
            author=author,
            licence=who[author].license_number,
            role=who[author].role,
            data=data,
        )
        for number, (minute, author, kind, data) in enumerate(log, 1)
    )
    session.closed_at = t0 + timedelta(minutes=end + 38)
    session.save()


def run_session(
    course: Course, staff: dict[str, User], *, since: int, log: list[tuple[float, str, dict[str, Any]]]
) -> None:
    """Run the next session of a course, with the dose `since` minutes ago."""
    appointment = course.appointments.filter(session__isnull=True).order_by("number").first()
    assert appointment is not None
    t0 = clock.now() - timedelta(minutes=since)
    with clock.using(lambda: t0 - timedelta(minutes=20)):
        session = open_session(appointment, by=appointment.nurse)
    rules = knowledge.session_rules(course.signature.file_id)
    mg = str((DoseDecision.objects.get(id=session.decision_id).order or {})["prepared_mg"])
    nurse = appointment.nurse.username
    count = int(Decimal(mg) / rules.devices.mg) if rules.devices else 1
    containers = next_containers(rules, course.patient, str(session.id), count)
    lines = _before_dose(rules, nurse, mg, containers) + [
        (minute, nurse, kind, data) for minute, kind, data in log
    ]
    who = {user.username: user for user in staff.values()}
    for minute, author, kind, data in lines:
        at = t0 + timedelta(minutes=minute)
        if kind == "device":
            data = {**data, "container": containers[data["n"] - 1]}
        with clock.using(lambda at=at: at):  # type: ignore[misc]
            append(session, kind, data, author=who[author])


def _before_dose(rules: SessionRules, nurse: str, mg: str, containers: list[str]) -> list[LogLine]:
    """Return everything required before a dose, except vital signs."""
    log: list[LogLine] = [(-16, nurse, "identity", {"by": ["name", "born", "mrn"]})]
    log += [(-15, nurse, "check", {"check": item.id}) for item in rules.before if item.kind == "check"]
    if rules.devices:
        for container in containers:
            held = {"size_mg": str(rules.devices.mg), "drawn_mg": str(rules.devices.mg), "lot": "24JG511"}
            log.append((-13, nurse, "draw", {"container": container, **held}))
    else:
        vial = {"container": containers[0], "size_mg": VIAL_MG, "drawn_mg": mg, "lot": VIAL_LOT}
        log.append((-13, nurse, "draw", vial))
    log.append((-12, other_nurse(nurse), "double_check", {}))
    return log


def other_nurse(nurse: str) -> str:
    """Return another nurse."""
    return "noel" if nurse != "noel" else "nur"
