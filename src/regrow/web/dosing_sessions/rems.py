"""The REMS monitoring form: prepared here, submitted by staff, who enter the confirmation number."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from regrow.knowledge import RemsForm
from regrow.session import FilledForm, Kind, SessionState, fill_rems_form
from regrow.web.accounts.api import CLINICAL, Role, StaffRequest, User
from regrow.web.patients.api import chart_of
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.content import knowledge

from .forms import RemsSubmissionForm
from .models import DosingSession, RemsSubmission
from .services import rules_of, state_of

MAY = (*CLINICAL, Role.COORDINATOR)


@dataclass(frozen=True)
class DueForm:
    """A session whose form is due or submitted. `changed` when a correction came after the submission."""

    session: DosingSession
    filled: FilledForm
    submission: RemsSubmission | None
    days_left: int
    changed: Sequence[str]


def form_for(session: DosingSession) -> RemsForm | None:
    """Return the form version of the session's day."""
    return knowledge.rems_form(
        rules_of(session).medicine, session.opened_at.astimezone(clock.clinic_zone()).date()
    )


def filled_form(session: DosingSession) -> FilledForm | None:
    """Return the form filled from the log; None for a drug without one, or before a dose."""
    form = form_for(session)
    state = state_of(session, session.closed_at or clock.now())
    if form is None or state.started_at is None:
        return None
    return fill_rems_form(form, state, _answers(session, form, state), clock.clinic_zone())


def _answers(session: DosingSession, form: RemsForm, state: SessionState) -> Mapping[str, str]:
    patient = session.appointment.course.patient
    first, _, last = patient.name.rpartition(" ")
    earlier = DosingSession.objects.filter(
        appointment__course__patient=patient,
        appointment__course__signature__file_id=session.appointment.course.signature.file_id,
        opened_at__lt=session.opened_at,
    )
    leaving = state.of(Kind.HANDOVER) or state.of(Kind.LEFT)
    monitor = leaving[-1].event.author if leaving else session.opened_by.username
    user = User.objects.filter(username=monitor).first()
    told = {
        "patient.first_name": first,
        "patient.last_name": last,
        "patient.birth_date": patient.birth_date.isoformat() if patient.birth_date else "",
        "patient.sex": patient.sex if patient.sex != "unknown" else "",
        "chart.first_treatment": "no" if earlier.exists() else "yes",
        "clinic.name": settings.CLINIC.title,
        "clinic.address": ", ".join(settings.CLINIC.address),
        "clinic.phone": settings.CLINIC.text_number_digits,
        "clinic.email": settings.CLINIC.email,
        "staff.name": user.shown_name if user else monitor,
    }
    groups = {tuple(field.classes) for _, fields in form.blocks for field in fields if field.classes}
    for group in groups:
        told[f"chart.takes:{','.join(group)}"] = _medications(session, group)
    return told


def _medications(session: DosingSession, classes: Sequence[str]) -> str:
    """Return yes with the names, no, or "" when the medication list was not reviewed."""
    chart = chart_of(session.appointment.course.patient)
    formulary = knowledge.formulary()
    taken = [
        medicine.text
        for medicine in chart.medicines
        if medicine.active
        and (drug := formulary.find(medicine.text, medicine.rxnorm).drug)
        and drug.drug_class in classes
    ]
    if taken:
        return f"yes: {', '.join(taken)}"
    reviewed = any(a.criterion == "medicines-reviewed" and a.holds for a in chart.attestations)
    return "no" if reviewed or chart.medicines else ""


def due_forms(today: date) -> Sequence[DueForm]:
    """Return every form of a session with a dose: open ones first, by due day."""
    found = []
    sessions = DosingSession.objects.select_related(
        "appointment__course__signature", "appointment__course__patient", "appointment__chair", "opened_by"
    )
    for session in sessions:
        filled = filled_form(session)
        if filled is None or filled.due_on is None:
            continue
        submission = session.rems_submissions.last()
        changed = changed_since(filled, submission) if submission else ()
        found.append(DueForm(session, filled, submission, (filled.due_on - today).days, changed))
    return sorted(found, key=lambda d: (d.submission is not None and not d.changed, d.filled.due_on or today))


def changed_since(filled: FilledForm, submission: RemsSubmission) -> Sequence[str]:
    """List the answers that differ from the submission; such a form is submitted again, with a reason."""
    return [
        f"{field.text}: {submission.answers.get(field.id, '–')} → {field.answer or '–'}"
        for _, fields in filled.blocks
        for field in fields
        if submission.answers.get(field.id, "") != field.answer
    ]


NO_FORM = "This session has no monitoring form: none is asked for, or no dose was given."


def _none(request: StaffRequest) -> HttpResponse:
    return render(request, "platform/refused.html", {"sentence": NO_FORM, "status": 404}, status=404)


def _find(patient_id: str, session_id: str) -> tuple[DosingSession, FilledForm | None]:
    session = get_object_or_404(
        DosingSession.objects.select_related(
            "appointment__course__patient", "appointment__course__signature", "appointment__chair"
        ),
        id=session_id,
        appointment__course__patient_id=patient_id,
    )
    return session, filled_form(session)


@allowed(*MAY)
@require_GET
def due(request: StaffRequest) -> HttpResponse:
    """Show the coordinator's list of forms with their due days."""
    return render(request, "dosing_sessions/rems_due.html", {"forms": due_forms(clock.clinic_today())})


@allowed(*MAY)
def form(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """Show the form for copying into the portal, and save the confirmation number."""
    session, filled = _find(patient_id, session_id)
    if filled is None:
        return _none(request)
    last = session.rems_submissions.last()
    changed = changed_since(filled, last) if last else ()
    submitted = RemsSubmissionForm(
        request.POST if request.method == "POST" else None, again=last is not None, auto_id="rems_%s"
    )
    if last is not None and submitted["confirmation"].value() == last.confirmation:
        return redirect("rems")  # a second click
    if submitted.submit(lambda data: _submit(session, filled, data, request.user)):
        return redirect("rems")
    context = {
        "session": session,
        "patient": session.appointment.course.patient,
        "filled": filled,
        "submissions": session.rems_submissions.all(),
        "changed": changed,
        "days_left": (filled.due_on - clock.clinic_today()).days if filled.due_on else 0,
        "form": submitted,
    }
    return render(request, "dosing_sessions/rems_form.html", context, status=submitted.status)


def _submit(session: DosingSession, filled: FilledForm, data: Mapping[str, str], by: User) -> None:
    if state_of(session, session.closed_at or clock.now()).left_at is None:
        raise ActionRefused("The patient is still here. Record the submission after discharge.")
    RemsSubmission.objects.create(
        session=session,
        confirmation=data["confirmation"],
        answers={field.id: field.answer for _, fields in filled.blocks for field in fields},
        form=f"{filled.form.id} v{filled.form.version}",
        submitted_by=by,
        submitted_at=clock.now(),
        reason=data.get("reason", ""),
    )


@allowed(*MAY)
@require_GET
def structured(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """Return the form as JSON."""
    _, filled = _find(patient_id, session_id)
    if filled is None:
        return _none(request)
    return JsonResponse(form_as_json(filled))


def form_as_json(filled: FilledForm) -> dict[str, object]:
    return {
        "form": filled.form.id,
        "version": filled.form.version,
        "due_on": filled.due_on.isoformat() if filled.due_on else None,
        "answers": {field.id: field.answer for _, fields in filled.blocks for field in fields},
        "missing": [field.id for field in filled.missing],
    }


@allowed(*MAY)
@require_GET
def pdf(request: StaffRequest, patient_id: str, session_id: str) -> HttpResponse:
    """Return the form as a one-page PDF to fax or copy from."""
    import typst

    session, filled = _find(patient_id, session_id)
    if filled is None:
        return _none(request)
    facts = {
        "title": filled.form.title,
        "version": f"{filled.form.id}, version {filled.form.version} of {filled.form.effective.isoformat()}",
        "due": filled.due_on.isoformat() if filled.due_on else "",
        "blocks": [
            {
                "title": title,
                "fields": [{"text": f.text, "answer": f.answer, "missing": f.missing} for f in fields],
            }
            for title, fields in filled.blocks
        ],
        "prepared": f"Prepared by {request.user.shown_name}, {clock.clinic_today().isoformat()}. Not submitted by this page.",
    }
    template = files("regrow.web.dosing_sessions").joinpath("rems.typ").read_bytes()
    made = typst.compile(
        template, sys_inputs={"facts": json.dumps(facts)}, ignore_system_fonts=True, pdf_standards=["ua-1"]
    )
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="rems-{session.appointment.course.patient.mrn}.pdf"'
    return response
