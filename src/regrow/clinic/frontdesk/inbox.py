"""One inbox for what comes by text, by e-mail and by the form: threads, answers, and whose each one is."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regrow import knowledge
from regrow.clinic.accounts.models import MachineRequest, StaffRequest
from regrow.clinic.accounts.roles import DESK, EVERYONE
from regrow.clinic.chart.models import Patient
from regrow.clinic.post.text import read_text
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused, allowed, by_signature, form_id

from .carry import arrived, take
from .facts import as_address, contact_of, people_at, post
from .models import Contact, Inquiry, Message
from .signed import signed_form

MOST_THREADS = 200


@allowed(*EVERYONE)
@require_GET
def inbox(request: StaffRequest) -> HttpResponse:
    """Threads that wait for an answer on top, danger first; then the others by their last message."""
    last: dict[object, Message] = {}
    # What only the clinic wrote by itself stands in the outbox; here stand conversations.
    talked = Message.objects.filter(kind="person", contact__isnull=False).values("contact")
    messages = Message.objects.filter(contact__in=talked).select_related(
        "contact__patient__owner", "contact__inquiry__owner", "by"
    )
    for message in messages.order_by("-created_at")[: MOST_THREADS * 10]:
        last.setdefault(message.contact_id, message)
    unread = set(
        Message.objects.filter(direction="in", read_at__isnull=True).values_list("contact_id", flat=True)
    )
    alarming = set(
        Message.objects.filter(direction="in", read_at__isnull=True)
        .exclude(heard=[])
        .values_list("contact_id", flat=True)
    )
    threads = [(m, m.contact_id in unread, m.contact_id in alarming) for m in last.values()][:MOST_THREADS]
    # What we tell each other stands in the inbox only while an answer of one of us waits there.
    threads = [t for t in threads if t[0].contact and (t[0].contact.kind != "staff" or t[1])]
    threads.sort(key=lambda t: (not t[2], not t[1]))  # stable: by time within each
    return render(request, "frontdesk/inbox.html", {"threads": threads})


@allowed(*EVERYONE)
@require_GET
def thread(request: StaffRequest, contact_id: str) -> HttpResponse:
    """Everything written with one address. Whoever opens it has read it."""
    contact = get_object_or_404(Contact.objects.select_related("patient", "inquiry__owner"), id=contact_id)
    request.about = str(contact.patient_id or "")
    contact.messages.filter(direction="in", read_at__isnull=True).update(read_at=clock.now())
    return _thread(request, contact)


def _thread(request: StaffRequest, contact: Contact, problem: str = "", typed: str = "") -> HttpResponse:
    context = {
        "contact": contact,
        "messages": contact.messages.select_related("by").order_by("created_at", "id"),
        "people": people_at(contact) if contact.patient is None else (),
        "problem": problem,
        "typed": typed,
        "may_answer": not contact.opted_out_at,
    }
    return render(request, "frontdesk/thread.html", context, status=400 if problem else 200)


@allowed(*EVERYONE)
@require_POST
def answer(request: StaffRequest, contact_id: str) -> HttpResponse:
    """A person of the clinic writes back, from the same thread. Sent twice, it goes once."""
    contact = get_object_or_404(Contact.objects.select_related("patient"), id=contact_id)
    request.about = str(contact.patient_id or "")
    text = request.POST.get("text", "").strip()
    if not text:
        return _thread(request, contact, "Write something first.")
    if contact.opted_out_at:
        raise Refused("They asked for no more messages at this address. Call them, or use another address.")
    subject = knowledge.messages()["first-answer"].subject[contact.language]
    once = form_id(request)
    key = f"person {once}" if once else None
    post(contact.patient, contact, subject, text[:1500], kind="person", key=key, by=request.user)
    return redirect("thread", contact_id=contact.id)


@allowed(*DESK)
@require_POST
def attach(request: StaffRequest, contact_id: str) -> HttpResponse:
    """Says whose an address is that two people share, or that the chart does not know."""
    contact = get_object_or_404(Contact, id=contact_id)
    patient = get_object_or_404(Patient, mrn=request.POST.get("mrn", "").strip())
    request.about = str(patient.id)
    contact.patient = patient
    contact.save(update_fields=["patient"])
    contact.messages.filter(patient__isnull=True).update(patient=patient)
    return redirect("thread", contact_id=contact.id)


@allowed(*EVERYONE)
@require_POST
def write_to(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Opens the thread with somebody, by the way they prefer."""
    patient = get_object_or_404(Patient, id=patient_id)
    address = as_address(patient.phone) or as_address(patient.email)
    if address is None:
        raise Refused("No number and no e-mail address is on file. Write one into the chart first.")
    contact = contact_of(*address, language=patient.language)
    return redirect("thread", contact_id=contact.id)


@allowed(*DESK)
@require_POST
def close_inquiry(request: StaffRequest, inquiry_id: str) -> HttpResponse:
    """An inquiry that goes no further is closed with the reason."""
    found = get_object_or_404(Inquiry, id=inquiry_id)
    why = request.POST.get("why", "").strip()
    if len(why) < 5:
        raise Refused("Write why it goes no further, then the inquiry can be closed.")
    found.closed_at, found.closed_why = clock.now(), why[:300]
    found.save(update_fields=["closed_at", "closed_why"])
    return redirect("inquiries")


# What the carrier of text messages posts to us


@by_signature
@require_POST
def text_came(request: MachineRequest) -> HttpResponse:
    """A text message; the same one posted again (the carrier was not sure) is taken once."""
    form = signed_form(request)
    incoming = read_text(form)
    if incoming.id:
        message = take(incoming, key=f"text {incoming.id}")
        request.about = str(message.patient_id or "") if message else ""
    return HttpResponse('<?xml version="1.0" encoding="UTF-8"?><Response/>', content_type="text/xml")


@by_signature
@require_POST
def text_arrived(request: MachineRequest) -> HttpResponse:
    """What became of a message we sent."""
    form = signed_form(request)
    arrived(form.get("MessageSid", ""), form.get("MessageStatus", ""), form.get("ErrorCode", ""))
    return HttpResponse(status=204)
