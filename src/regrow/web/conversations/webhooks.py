"""One inbox for what comes by text, by e-mail and by the form: threads, answers, and whose each one is."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from regrow.web.accounts.api import MachineRequest
from regrow.web.gateways.api import read_sms
from regrow.web.platform.access import by_signature

from .form_tokens import signed_form
from .inbound import receive, record_delivery_status

# What the carrier of text messages posts to us


@by_signature
@require_POST
def sms_received(request: MachineRequest) -> HttpResponse:
    """A text message; the same one posted again (the carrier was not sure) is taken once."""
    form = signed_form(request)
    incoming = read_sms(form)
    if incoming.id:
        message = receive(incoming, key=f"text {incoming.id}")
        request.about = str(message.patient_id or "") if message else ""
    return HttpResponse('<?xml version="1.0" encoding="UTF-8"?><Response/>', content_type="text/xml")


@by_signature
@require_POST
def sms_status(request: MachineRequest) -> HttpResponse:
    """What became of a message we sent."""
    form = signed_form(request)
    record_delivery_status(
        form.get("MessageSid", ""), form.get("MessageStatus", ""), form.get("ErrorCode", "")
    )
    return HttpResponse(status=204)
