"""What the carrier of texts and calls posts to us, taken only with its signature."""

from django.http import HttpRequest

from regrow.web.gateways.api import public_base_url, sms_gateway
from regrow.web.platform.access import ActionRefused


def signed_form(request: HttpRequest) -> dict[str, str]:
    """The posted form, if the carrier signed it for this address. Raises `Refused` for anything else."""
    line = sms_gateway()
    form = {name: str(value) for name, value in request.POST.items()}
    address = (public_base_url() or f"{request.scheme}://{request.get_host()}") + request.get_full_path()
    given = request.headers.get("X-Twilio-Signature", "")
    if line is None or not given or not line.is_signed(address, form, given):
        raise ActionRefused("This address takes only what the carrier of our text messages has signed.")
    return form
