"""Verify the carrier's signature on posted messages and calls."""

from django.http import HttpRequest

from regrow.web.gateways.api import public_base_url, sms_gateway
from regrow.web.platform.access import ActionRefused


def signed_form(request: HttpRequest) -> dict[str, str]:
    """Return the posted form if the carrier signed it for this URL. Raises `ActionRefused` otherwise."""
    line = sms_gateway()
    form = {name: str(value) for name, value in request.POST.items()}
    address = (public_base_url() or f"{request.scheme}://{request.get_host()}") + request.get_full_path()
    given = request.headers.get("X-Twilio-Signature", "")
    if line is None or not given or not line.is_signed(address, form, given):
        raise ActionRefused("This address accepts only requests signed by the message gateway.")
    return form
