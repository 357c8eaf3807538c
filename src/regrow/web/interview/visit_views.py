"""The intake visit from its start to its note: visit setup, autosaved narratives, the end, addenda."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.web.accounts.api import CLINICAL, DECIDES, StaffRequest
from regrow.web.patients.api import Patient
from regrow.web.platform.access import ActionRefused, allowed

from . import services as interview
from .forms import AddendumForm, ArrivalForm, SignVisitForm
from .models import IntakeVisit
from .views import back_to, section_of, show


@allowed(*DECIDES)
@require_POST
def start_visit_view(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Start the visit. A second tap finds the same visit."""
    patient = get_object_or_404(Patient, id=patient_id)
    interview.start_visit(patient, request.user)
    return back_to(patient, section_of("arrival"))


@allowed(*DECIDES)
@require_POST
def record_arrival(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Where the person is, how they were known, whom to call."""
    patient = get_object_or_404(Patient, id=patient_id)
    visit = _open_visit_of(patient)
    form = ArrivalForm(request.POST, identities=interview.guide_of(visit).identity, auto_id="arrival_%s")
    if not form.submit(lambda data: interview.save_arrival(visit, data)):
        return show(request, patient, {"arrival": form})
    return back_to(patient, section_of("arrival"))


@allowed(*DECIDES)
@require_POST
def save_narrative_view(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Save the narrative of one section. 409 with the other text if another window has saved since."""
    patient = get_object_or_404(Patient, id=patient_id)
    given = request.POST
    section, text, base = given.get("section", ""), given.get("text", ""), given.get("base", "")
    if not base.isdecimal():
        raise ActionRefused("This could not be saved. Reload the page; your text is saved in this browser.")
    visit = _open_visit_of(patient)
    if str(visit.id) != given.get("talk"):
        raise ActionRefused("This visit has ended. Add an addendum to its note.")
    kept = interview.save_narrative(visit, section, text.replace("\r\n", "\n"), int(base))
    if kept.taken and kept.told:
        request.row_stands = True  # the audit row of the first save covers these
    return JsonResponse({"saved": kept.saved, "text": kept.text}, status=200 if kept.taken else 409)


@allowed(*DECIDES)
@require_POST
def sign_visit(request: StaffRequest, patient_id: str) -> HttpResponse:
    """End the visit with a determination and its reason, and sign its note; or show what is still needed."""
    patient = get_object_or_404(Patient, id=patient_id)
    visit = current_or_last(patient)
    if visit.ended_at is None:
        form = SignVisitForm(interview.guide_of(visit), request.POST, auto_id="end_%s")
        if not form.submit(
            lambda data: interview.end_visit(visit, data["outcome"], data["reason"], request.user)
        ):
            return show(request, patient, {"end": form})
    return redirect("visit-note", patient_id=patient.id, visit_id=visit.id)


@allowed(*CLINICAL)
@require_GET
def visit_note(request: StaffRequest, patient_id: str, visit_id: str) -> HttpResponse:
    """Signed note with its addenda; a draft while the visit is open."""
    patient = get_object_or_404(Patient, id=patient_id)
    return _note(
        request, patient, get_object_or_404(IntakeVisit, id=visit_id, patient=patient), AddendumForm()
    )


def _note(request: StaffRequest, patient: Patient, visit: IntakeVisit, form: AddendumForm) -> HttpResponse:
    notes = list(visit.notes.select_related("signed_by"))
    draft = None if notes else interview.note_of(interview.visit_progress(patient, visit), visit.clinician)
    context = {"patient": patient, "visit": visit, "notes": notes, "draft": draft, "form": form}
    return render(request, "interview/note.html", context, status=form.status)


@allowed(*DECIDES)
@require_POST
def add_addendum_view(request: StaffRequest, patient_id: str, visit_id: str) -> HttpResponse:
    """Add an addendum to a signed note."""
    patient = get_object_or_404(Patient, id=patient_id)
    visit = get_object_or_404(IntakeVisit, id=visit_id, patient=patient)
    form = AddendumForm(request.POST)
    if form.submit(lambda data: interview.add_addendum(visit, data["text"], request.user)):
        return redirect("visit-note", patient_id=patient.id, visit_id=visit.id)
    return _note(request, patient, visit, form)


def _open_visit_of(patient: Patient) -> IntakeVisit:
    visit = interview.open_visit(patient)
    if visit is None:
        raise ActionRefused("No visit is open. Start one; your text is saved in this browser.")
    return visit


def current_or_last(patient: Patient) -> IntakeVisit:
    visit = interview.open_visit(patient) or patient.intake_visits.order_by("ended_at").last()
    if visit is None:
        raise ActionRefused("No visit is open. Start one first.")
    return visit
