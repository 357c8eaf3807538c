"""Webhooks of the SMS carrier: inbound texts and delivery status."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from regrow.web.accounts.api import MachineRequest
from regrow.web.gateways.api import read_sms
from regrow.web.platform.access import by_signature

from .form_tokens import signed_form
from .inbound import receive, record_delivery_status

# Requests from the SMS carrier


@by_signature
@require_POST
def sms_received(request: MachineRequest) -> HttpResponse:
    """Receive a text message; a repeated webhook is stored once."""
    form = signed_form(request)
    incoming = read_sms(form)
    if incoming.id:
        message = receive(incoming, key=f"text {incoming.id}")
        request.about = str(message.patient_id or "") if message else ""
    return HttpResponse('<?xml version="1.0" encoding="UTF-8"?><Response/>', content_type="text/xml")


@by_signature
@require_POST
def sms_status(request: MachineRequest) -> HttpResponse:
    """Receive the delivery status of a sent message."""
    form = signed_form(request)
    record_delivery_status(
        request.GET.get("message", ""),
        form.get("MessageSid", ""),
        form.get("MessageStatus", ""),
        form.get("ErrorCode", ""),
    )
    return HttpResponse(status=204)
