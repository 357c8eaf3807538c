"""A talk from its beginning to its note: arriving, words saved each second, the end, what is added later."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.clinic.accounts.models import StaffRequest
from regrow.clinic.accounts.roles import CLINICAL, DECIDES
from regrow.clinic.chart.models import Patient
from regrow.clinic.site.access import Refused, allowed

from . import facts
from .forms import ArrivalForm
from .models import Talk
from .views import back_to, section_of, show


@allowed(*DECIDES)
@require_POST
def begin_talk(request: StaffRequest, patient_id: str) -> HttpResponse:
    """The hour begins. A second tap finds the same talk."""
    patient = get_object_or_404(Patient, id=patient_id)
    facts.begin(patient, request.user)
    return back_to(patient, section_of("arrival"))


@allowed(*DECIDES)
@require_POST
def record_arrival(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Where the person is, how they were known, whom to call."""
    patient = get_object_or_404(Patient, id=patient_id)
    talk = _going(patient)
    form = ArrivalForm(request.POST, identities=facts.guide_of(talk).identity, auto_id="arrival_%s")
    if not form.is_valid():
        return show(request, patient, {"arrival": form}, status=400)
    facts.arrive(talk, form.cleaned_data)
    return back_to(patient, section_of("arrival"))


@allowed(*DECIDES)
@require_POST
def save_words(request: StaffRequest, patient_id: str) -> HttpResponse:
    """The text of one section, as it stands. 409 with the other text when another window has written since."""
    patient = get_object_or_404(Patient, id=patient_id)
    given = request.POST
    section, text, base = given.get("section", ""), given.get("text", ""), given.get("base", "")
    if not base.isdecimal():
        raise Refused("This could not be read. Load the page again; what you typed is kept in this browser.")
    talk = _going(patient)
    if str(talk.id) != given.get("talk"):
        raise Refused("This talk has ended. What is added later goes below its note.")
    kept = facts.keep_words(talk, section, text.replace("\r\n", "\n"), int(base))
    if kept.taken and kept.told:
        request.row_stands = True  # the row of the first of these savings tells of it
    return JsonResponse({"saved": kept.saved, "text": kept.text}, status=200 if kept.taken else 409)


@allowed(*DECIDES)
@require_POST
def end_talk(request: StaffRequest, patient_id: str) -> HttpResponse:
    """The end: a determination with its reason, or what is still needed. Writes the note."""
    patient = get_object_or_404(Patient, id=patient_id)
    talk = open_or_last(patient)
    if talk.ended_at is None:
        reason = " ".join(request.POST.get("reason", "").split())[:2000]
        facts.end(talk, request.POST.get("outcome", ""), reason, request.user)
    return redirect("talk-note", patient_id=patient.id, talk_id=talk.id)


@allowed(*CLINICAL)
@require_GET
def talk_note(request: StaffRequest, patient_id: str, talk_id: str) -> HttpResponse:
    """The note as signed and what was added; while the talk goes on, as it would read now."""
    patient = get_object_or_404(Patient, id=patient_id)
    talk = get_object_or_404(Talk, id=talk_id, patient=patient)
    notes = list(talk.notes.select_related("by"))
    draft = None if notes else facts.note_of(facts.standing_of(patient, talk), talk.by)
    context = {"patient": patient, "talk": talk, "notes": notes, "draft": draft}
    return render(request, "interview/note.html", context)


@allowed(*DECIDES)
@require_POST
def add_note(request: StaffRequest, patient_id: str, talk_id: str) -> HttpResponse:
    """Something is added below a note that was signed."""
    patient = get_object_or_404(Patient, id=patient_id)
    talk = get_object_or_404(Talk, id=talk_id, patient=patient)
    facts.add_to_note(talk, request.POST.get("text", "")[: facts.MOST_WORDS], request.user)
    return redirect("talk-note", patient_id=patient.id, talk_id=talk.id)


def _going(patient: Patient) -> Talk:
    talk = facts.open_talk(patient)
    if talk is None:
        raise Refused("No talk is going on. Begin one; what you typed is kept in this browser.")
    return talk


def open_or_last(patient: Patient) -> Talk:
    talk = facts.open_talk(patient) or patient.talks.order_by("ended_at").last()
    if talk is None:
        raise Refused("No talk is going on. Begin one first.")
    return talk
