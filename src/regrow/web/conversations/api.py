"""What other apps may use of conversations."""

from .form_tokens import signed_form
from .forms import InquiryForm, TypedInquiryForm
from .inbound import on_crisis, on_reply, receive, screen_inquiry
from .inquiries import save_inquiry
from .models import ContactPoint, Inquiry, Message
from .owners import default_owner
from .services import (
    contact_point,
    has_opted_out,
    inquiry_of,
    normalize_address,
    patients_by_address,
    queue_message,
    send,
    therapist_by_address,
)

__all__ = [
    "ContactPoint",
    "Inquiry",
    "InquiryForm",
    "Message",
    "TypedInquiryForm",
    "contact_point",
    "default_owner",
    "has_opted_out",
    "inquiry_of",
    "normalize_address",
    "on_crisis",
    "on_reply",
    "patients_by_address",
    "queue_message",
    "receive",
    "save_inquiry",
    "screen_inquiry",
    "send",
    "signed_form",
    "therapist_by_address",
]
