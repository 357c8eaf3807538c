"""One inbox for what comes by text, by e-mail and by the form: threads, answers, and whose each one is."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.web.accounts.api import DESK, EVERYONE, StaffRequest
from regrow.web.conversations.api import (
    ContactPoint,
    Inquiry,
    Message,
    contact_point,
    normalize_address,
    patients_by_address,
    queue_message,
)
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed, form_id
from regrow.web.platform.content import knowledge

MOST_THREADS = 200


@allowed(*EVERYONE)
@require_GET
def messages(request: StaffRequest) -> HttpResponse:
    """Threads that wait for an answer on top, danger first; then the others by their last message."""
    last: dict[object, Message] = {}
    # What only the clinic wrote by itself stands in the outbox; here stand conversations.
    talked = Message.objects.filter(kind="personal", contact__isnull=False).values("contact")
    messages = Message.objects.filter(contact__in=talked).select_related(
        "contact__patient__owner", "contact__inquiry__owner", "sent_by"
    )
    for message in messages.order_by("-created_at")[: MOST_THREADS * 10]:
        last.setdefault(message.contact_id, message)
    unread = set(
        Message.objects.filter(direction="in", read_at__isnull=True).values_list("contact_id", flat=True)
    )
    alarming = set(
        Message.objects.filter(direction="in", read_at__isnull=True)
        .exclude(signals=[])
        .values_list("contact_id", flat=True)
    )
    threads = [(m, m.contact_id in unread, m.contact_id in alarming) for m in last.values()][:MOST_THREADS]
    # What we tell each other stands in the inbox only while an answer of one of us waits there.
    threads = [t for t in threads if t[0].contact and (t[0].contact.kind != "staff" or t[1])]
    threads.sort(key=lambda t: (not t[2], not t[1]))  # stable: by time within each
    return render(request, "staff/messages.html", {"threads": threads})


@allowed(*EVERYONE)
@require_GET
def conversation(request: StaffRequest, contact_id: str) -> HttpResponse:
    """Everything written with one address. Whoever opens it has read it."""
    contact = get_object_or_404(
        ContactPoint.objects.select_related("patient", "inquiry__owner"), id=contact_id
    )
    request.about = str(contact.patient_id or "")
    contact.messages.filter(direction="in", read_at__isnull=True).update(read_at=clock.now())
    return _conversation(request, contact)


def _conversation(
    request: StaffRequest, contact: ContactPoint, problem: str = "", typed: str = ""
) -> HttpResponse:
    context = {
        "contact": contact,
        "messages": contact.messages.select_related("sent_by").order_by("created_at", "id"),
        "people": patients_by_address(contact) if contact.patient is None else (),
        "problem": problem,
        "typed": typed,
        "may_answer": not contact.opted_out_at,
    }
    return render(request, "staff/conversation.html", context, status=400 if problem else 200)


@allowed(*EVERYONE)
@require_POST
def reply(request: StaffRequest, contact_id: str) -> HttpResponse:
    """A person of the clinic writes back, from the same thread. Sent twice, it goes once."""
    contact = get_object_or_404(ContactPoint.objects.select_related("patient"), id=contact_id)
    request.about = str(contact.patient_id or "")
    text = request.POST.get("text", "").strip()
    if not text:
        return _conversation(request, contact, "Write something first.")
    if contact.opted_out_at:
        raise ActionRefused(
            "They asked for no more messages at this address. Call them, or use another address."
        )
    subject = knowledge.messages()["first-answer"].subject[contact.language]
    once = form_id(request)
    key = f"person {once}" if once else None
    queue_message(contact.patient, contact, subject, text[:1500], kind="personal", key=key, by=request.user)
    return redirect("conversation", contact_id=contact.id)


@allowed(*DESK)
@require_POST
def link_patient(request: StaffRequest, contact_id: str) -> HttpResponse:
    """Says whose an address is that two people share, or that the chart does not know."""
    contact = get_object_or_404(ContactPoint, id=contact_id)
    patient = get_object_or_404(Patient, mrn=request.POST.get("mrn", "").strip())
    request.about = str(patient.id)
    contact.patient = patient
    contact.save(update_fields=["patient"])
    contact.messages.filter(patient__isnull=True).update(patient=patient)
    return redirect("conversation", contact_id=contact.id)


@allowed(*EVERYONE)
@require_POST
def message_patient(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Opens the thread with somebody, by the way they prefer."""
    patient = get_object_or_404(Patient, id=patient_id)
    address = normalize_address(patient.phone) or normalize_address(patient.email)
    if address is None:
        raise ActionRefused("No number and no e-mail address is on file. Write one into the chart first.")
    contact = contact_point(*address, language=patient.language)
    return redirect("conversation", contact_id=contact.id)


@allowed(*DESK)
@require_POST
def close_inquiry(request: StaffRequest, inquiry_id: str) -> HttpResponse:
    """An inquiry that goes no further is closed with the reason."""
    found = get_object_or_404(Inquiry, id=inquiry_id)
    why = request.POST.get("why", "").strip()
    if len(why) < 5:
        raise ActionRefused("Write why it goes no further, then the inquiry can be closed.")
    found.closed_at, found.close_reason = clock.now(), why[:300]
    found.save(update_fields=["closed_at", "close_reason"])
    return redirect("inquiries")
