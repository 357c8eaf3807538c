"""The inbox: conversations by text, email and web form, replies, and assignment to patients."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow.web.accounts.api import DESK, EVERYONE, StaffRequest
from regrow.web.conversations.api import (
    ContactPoint,
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
from regrow.web.platform.database import locked, writing

from .forms import LinkPatientForm, ReplyForm

MOST_THREADS = 200


@allowed(*EVERYONE)
@require_GET
def messages(request: StaffRequest) -> HttpResponse:
    """List conversations: unanswered first, crises on top; then by last message."""
    last: dict[object, Message] = {}
    # Automated messages are listed under Sent; here are conversations.
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
    # Messages to staff are listed only while a reply needs an answer.
    threads = [t for t in threads if t[0].contact and (t[0].contact.kind != "staff" or t[1])]
    threads.sort(key=lambda t: (not t[2], not t[1]))  # stable: by time within each
    return render(request, "staff/messages.html", {"threads": threads})


@allowed(*EVERYONE)
@require_GET
def conversation(request: StaffRequest, contact_id: str) -> HttpResponse:
    """Show a conversation; opening it marks it as read."""
    contact = get_object_or_404(
        ContactPoint.objects.select_related("patient", "inquiry__owner"), id=contact_id
    )
    request.about = str(contact.patient_id or "")
    unread = contact.messages.filter(direction="in", read_at__isnull=True)
    if unread.exists():
        with writing():
            unread.update(read_at=clock.now())
    return _conversation(request, contact)


def _conversation(
    request: StaffRequest,
    contact: ContactPoint,
    *,
    reply: ReplyForm | None = None,
    link: LinkPatientForm | None = None,
) -> HttpResponse:
    reply, link = reply or ReplyForm(), link or LinkPatientForm()
    context = {
        "contact": contact,
        "messages": contact.messages.select_related("sent_by").order_by("created_at", "id"),
        "people": patients_by_address(contact) if contact.patient is None else (),
        "form": reply,
        "link_form": link,
        "may_answer": not contact.opted_out_at,
    }
    return render(request, "staff/conversation.html", context, status=max(reply.status, link.status))


@allowed(*EVERYONE)
@require_POST
def reply(request: StaffRequest, contact_id: str) -> HttpResponse:
    """Send a reply; idempotent by the form id."""
    contact = get_object_or_404(ContactPoint.objects.select_related("patient"), id=contact_id)
    request.about = str(contact.patient_id or "")
    form, once = ReplyForm(request.POST), form_id(request)
    if form.submit(lambda data: _send(request, contact, data["text"], once)):
        return redirect("conversation", contact_id=contact.id)
    return _conversation(request, contact, reply=form)


def _send(request: StaffRequest, contact: ContactPoint, text: str, once: str | None) -> None:
    if contact.opted_out_at:
        raise ActionRefused("This address opted out of messages. Call the patient, or use another address.")
    subject = knowledge.messages()["first-answer"].subject[contact.language]
    key = f"person {once}" if once else None
    queue_message(contact.patient, contact, subject, text, kind="personal", key=key, by=request.user)


@allowed(*DESK)
@require_POST
def link_patient(request: StaffRequest, contact_id: str) -> HttpResponse:
    """Assign a shared or unknown address to a patient."""
    contact = get_object_or_404(ContactPoint, id=contact_id)
    form = LinkPatientForm(request.POST)
    if form.submit(lambda data: _link(request, contact, data["patient"])):
        return redirect("conversation", contact_id=contact.id)
    return _conversation(request, contact, link=form)


def _link(request: StaffRequest, contact: ContactPoint, patient: Patient) -> None:
    request.about = str(patient.id)
    contact = locked(contact)
    if contact.patient is not None and contact.patient != patient:
        raise ActionRefused(f"Another user assigned this address to {contact.patient.name}.")
    contact.patient = patient
    contact.save(update_fields=["patient"])
    contact.messages.filter(patient__isnull=True).update(patient=patient)


@allowed(*EVERYONE)
@require_POST
def message_patient(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Open the conversation with a patient, by their preferred channel."""
    patient = get_object_or_404(Patient, id=patient_id)
    address = normalize_address(patient.phone) or normalize_address(patient.email)
    if address is None:
        raise ActionRefused("No phone number or email on file. Add one under Contact preferences.")
    contact = contact_point(*address, language=patient.language)
    return redirect("conversation", contact_id=contact.id)
