"""Store inquiries from the web form and from staff."""

import uuid

from django.utils.translation import get_language

from regrow.web.platform import clock

from .forms import InquiryForm
from .inbound import screen_inquiry
from .models import Inquiry
from .owners import default_owner


def save_inquiry(form: InquiryForm, channel: str, once: str | None) -> bool:
    """Store an inquiry, idempotent by `once`; returns whether it holds a crisis phrase."""
    data = form.cleaned_data
    inquiry, new = Inquiry.objects.get_or_create(
        id=uuid.UUID(once) if once else uuid.uuid4(),
        defaults={
            "language": get_language() or "en",
            "name": data["name"],
            "contact": data["contact"],
            "message": data["message"],
            "channel": channel,
            "received_at": clock.now(),
            "owner": default_owner(),
        },
    )
    return screen_inquiry(inquiry) if new else inquiry.alerts.exists()
