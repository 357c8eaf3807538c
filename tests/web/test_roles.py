"""Every address × every role: open only to whom it names, and every staff page leaves an audit row."""

import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from regrow.web.accounts.roles import CLINICAL, DECIDES, DESK, EVERYONE, Role
from regrow.web.audit.models import AuditRow
from regrow.web.interview.services import start_visit
from tests.web.addresses import urlpatterns

pytestmark = pytest.mark.django_db

# Written out a second time on purpose: a change of who may see what must be made twice.
WHO = {
    "today": EVERYONE,
    "pipeline": EVERYONE,
    "pipeline-stage": (*DESK, *DECIDES),
    "assign": EVERYONE,
    "snooze": EVERYONE,
    "task-done": EVERYONE,
    "inquiries": DESK,
    "inquiry": DESK,
    "sent-messages": DESK,
    "close-inquiry": DESK,
    "messages": EVERYONE,
    "conversation": EVERYONE,
    "reply": EVERYONE,
    "link-patient": DESK,
    "message-patient": EVERYONE,
    "patients": EVERYONE,
    "chart": EVERYONE,
    "contact-preferences": EVERYONE,
    "intake-visit": DECIDES,
    "start-visit": DECIDES,
    "record-arrival": DECIDES,
    "save-narrative": DECIDES,
    "sign-visit": DECIDES,
    "visit-note": CLINICAL,
    "add-addendum": DECIDES,
    "record-fact": DECIDES,
    "mark-in-error": DECIDES,
    "record-screening": DECIDES,
    "scales": CLINICAL,
    "rate": CLINICAL,
    "rules": EVERYONE,
    "rule": EVERYONE,
    "sign-rule": (Role.DIRECTOR,),
    "eligibility": DECIDES,
    "schedule-manual": (*DECIDES, Role.COORDINATOR),
    "dosing": CLINICAL,
    "schedule": (*DECIDES, Role.COORDINATOR),
    "book-series": (*DECIDES, Role.COORDINATOR),
    "appointment-options": EVERYONE,
    "booster": (*DECIDES, Role.COORDINATOR),
    "reschedule": EVERYONE,
    "cancel": EVERYONE,
    "set-waitlist": EVERYONE,
    "waitlist": EVERYONE,
    "monitoring-checks": DECIDES,
    "running-late": (*DECIDES, Role.COORDINATOR, Role.FRONT_DESK, Role.NURSE),
    "respond-to-offer": EVERYONE,
    "staff-schedule": (Role.COORDINATOR, Role.DIRECTOR),
    "record-statement": DECIDES,
    "shadow": DECIDES,
    "dose-response": DECIDES,
    "estimate-switch": (Role.DIRECTOR,),
    "decide": DECIDES,
    "request-score": (*CLINICAL, Role.COORDINATOR),
    "card-photo": (*DECIDES, Role.COORDINATOR),
    "coverage": (*DECIDES, Role.COORDINATOR),
    "letter": (*DECIDES, Role.COORDINATOR),
    "session": CLINICAL,
    "session-log": CLINICAL,
    "session-note": CLINICAL,
    "add-events": CLINICAL,
    "override": DECIDES,
    "rems": (*CLINICAL, Role.COORDINATOR),
    "rems-form": (*CLINICAL, Role.COORDINATOR),
    "rems-pdf": (*CLINICAL, Role.COORDINATOR),
    "rems-json": (*CLINICAL, Role.COORDINATOR),
    "witness": CLINICAL,
    "monitors": CLINICAL,
    "ledger": CLINICAL,
    "ledger-confirm": CLINICAL,
    "ledger-resolve": (Role.DIRECTOR,),
    "ledger-report": CLINICAL,
    "ledger-record": CLINICAL,
    "sessions-log": CLINICAL,
    "sessions-live": CLINICAL,
    "presence": DECIDES,
    "calendar": EVERYONE,
    "sessions": CLINICAL,
    "open-session": CLINICAL,
    "alerts": CLINICAL,
    "resolve-alert": DECIDES,
    "escalation": CLINICAL,
    "acknowledge-alert": CLINICAL,
    "record-attempt": CLINICAL,
    "protocols": DECIDES,
    "sign-protocol": (Role.DIRECTOR,),
    "outcomes": DECIDES,
    "audit": (Role.DIRECTOR,),
    "simulator": (Role.DIRECTOR,),
    "simulation": (Role.DIRECTOR,),
    "simulation-state": (Role.DIRECTOR,),
    "attach-simulation": (Role.DIRECTOR,),
    "simulation-pdf": (Role.DIRECTOR,),
    "design-system": EVERYONE,
}
PUBLIC = {
    "home",
    "contact",
    "contact-sent",
    "contact-help",
    "language",
    "style",
    "staff-style",
    "learn",
    "learn-page",
    "how-it-works",
    "how-it-works-short",
    "getting-started",
    "how-it-works-data",
    "model",
    "evidence",
    "star-d",
    "compare-treatments",
    "login",
    "logout",
    "worker",
}
BY_KEY = {"monitors-hl7", "monitors-fhir"}
SIGNED = {"sms-received", "sms-status", "call-begin", "call-birth-date", "call-help", "call-key"}
BY_LINK = {
    "checkin",
    "checkin-item",
    "checkin-help",
    "checkin-done",
    "my-page",
    "request-call",
    "aftercare-plan",
    "feed",
    "consent",
    "intake",
    "intake-step",
    "video-visit",
    "home-session",
    "insurance-card",
    "share-plan",
    "shared-plan",
    "home-say",
}


def address(pattern: URLPattern, small_clinic, session) -> str:
    known = {
        "patient_id": small_clinic.patient.id,
        "session_id": session.id,
        "appointment_id": small_clinic.appointment.id,
        "inquiry_id": uuid.uuid4(),
        "alert_id": uuid.uuid4(),
        "contact_id": uuid.uuid4(),
        "fact_id": uuid.uuid4(),
        "run_id": uuid.uuid4(),
        "protocol_id": "iv-weekly-6",
        "page_id": "how",
        "kind": "condition",
        "instrument": "madrs",
        "file_kind": "scale",
        "file_id": "phq-9",
        "token": "no-such-token",
        "name": "inventory",
        "form_name": "count",
        "number": 1,
        "code": "es",
        "place": "about",
        "waiting_id": 99,
        "side": "front",
    }
    names = pattern.pattern.converters
    if "visit_id" in names:
        known["visit_id"] = start_visit(small_clinic.patient, small_clinic.staff[Role.PRESCRIBER]).id
    return reverse(pattern.name, kwargs={name: known[name] for name in names})


def test_every_address_names_who_may_open_it() -> None:
    assert set(WHO) | PUBLIC | BY_LINK | BY_KEY | SIGNED == {p.name for p in urlpatterns}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_is_named_for_it_and_nothing_else(role: Role, small_clinic, session) -> None:
    client = Client()
    client.force_login(small_clinic.staff[role])
    assert urlpatterns
    for pattern in urlpatterns:
        if pattern.name not in WHO:
            continue
        where = address(pattern, small_clinic, session)
        answers = {client.get(where).status_code, client.post(where).status_code}
        if role in WHO[pattern.name]:
            assert 403 not in answers, f"{pattern.name} is closed to {role}"
        else:
            assert answers == {403}, f"{pattern.name} is open to {role}"


def test_without_signing_in_every_staff_page_leads_to_the_login(small_clinic, session) -> None:
    assert urlpatterns
    for pattern in urlpatterns:
        if pattern.name in WHO:
            answer = Client().get(address(pattern, small_clinic, session))
            assert (answer.status_code, answer.url.startswith("/login/")) == (302, True), pattern.name


def test_a_machines_address_opens_with_a_key_in_force_only(small_clinic) -> None:
    assert BY_KEY
    for name in BY_KEY:
        for header in ({}, {"Authorization": "Bearer no-such-key"}, {"Authorization": "Basic a2V5"}):
            assert Client().post(reverse(name), b"", "text/plain", headers=header).status_code == 401


def test_a_carriers_address_opens_with_its_signature_only(small_clinic, session) -> None:
    known = {p.name: p for p in urlpatterns}
    assert SIGNED
    for name in SIGNED:
        for header in ({}, {"X-Twilio-Signature": "bm90IGl0"}):
            where = address(known[name], small_clinic, session)
            assert Client().post(where, {"MessageSid": "x"}, headers=header).status_code == 409


def test_a_link_that_does_not_exist_opens_nothing(small_clinic, session) -> None:
    assert urlpatterns
    for pattern in urlpatterns:
        if pattern.name in BY_LINK:
            where = address(pattern, small_clinic, session)
            # From an address of its own each: guessing is slowed down, and that is tested elsewhere.
            from_here = {"REMOTE_ADDR": pattern.name}
            assert Client().get(where, **from_here).status_code in (404, 405), pattern.name
            assert Client().post(where, **from_here).status_code in (404, 405), pattern.name


def test_a_view_without_roles_is_refused_to_every_role(small_clinic) -> None:
    from django.http import HttpResponse
    from django.test import RequestFactory

    from regrow.web.platform.access import AccessMiddleware

    request = RequestFactory().get("/")
    request.user = small_clinic.staff[Role.DIRECTOR]
    answer = AccessMiddleware(lambda r: HttpResponse()).process_view(
        request, lambda r: HttpResponse("secret"), (), {}
    )

    assert answer is not None and answer.status_code == 403


@pytest.mark.database
def test_every_patient_page_leaves_an_audit_row_with_user_and_patient(small_clinic, session) -> None:
    client = Client()
    client.force_login(small_clinic.staff[Role.DIRECTOR])
    assert urlpatterns
    for pattern in urlpatterns:
        if pattern.name not in WHO or "patient_id" not in pattern.pattern.converters:
            continue
        before = AuditRow.objects.count()
        client.get(address(pattern, small_clinic, session))
        rows = AuditRow.objects.order_by("id")[before:]
        assert [("director", str(small_clinic.patient.id))] == [(r.who, r.patient) for r in rows], (
            pattern.name
        )


def test_a_refused_attempt_is_written_down_too(small_clinic) -> None:
    client = Client()
    client.force_login(small_clinic.staff[Role.FRONT_DESK])
    client.get(reverse("dosing", args=[small_clinic.patient.id]))

    row = AuditRow.objects.last()
    assert ("refused", "front_desk", str(small_clinic.patient.id)) == (row.action, row.who, row.patient)


def test_a_session_is_not_found_under_another_patients_url(small_clinic, session) -> None:
    """Otherwise the audit row would name the wrong patient."""
    from regrow.web.patients.services import new_patient

    other = new_patient(name="Elias", owner=small_clinic.staff[Role.COORDINATOR])
    client = Client()
    client.force_login(small_clinic.staff[Role.NURSE])

    assert client.get(reverse("session", args=[other.id, session.id])).status_code == 404
    before = session.events.count()
    assert client.post(reverse("add-events", args=[other.id, session.id]), {}).status_code == 404
    assert session.events.count() == before


def test_a_link_and_an_alert_leave_a_row_that_names_the_person(small_clinic) -> None:
    from regrow.web.alerts.services import raise_alert
    from regrow.web.assessments.links import make_link

    _, token = make_link(small_clinic.patient, "page")
    Client().get(reverse("my-page", args=[token]))
    assert ("by link", str(small_clinic.patient.id)) == (
        AuditRow.objects.last().who,
        AuditRow.objects.last().patient,
    )
    alert = raise_alert(small_clinic.patient, "call")
    client = Client()
    client.force_login(small_clinic.staff[Role.PRESCRIBER])
    client.post(reverse("resolve-alert", args=[alert.id]), {"done": "Called, all is well."})
    assert {str(small_clinic.patient.id)} == {r.patient for r in AuditRow.objects.order_by("-id")[:2]}
