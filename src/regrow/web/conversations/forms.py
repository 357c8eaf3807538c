"""Inquiry forms: the public contact form and the staff's entry form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from regrow.web.platform.forms import ServiceForm

from .models import Inquiry


class InquiryForm(ServiceForm):
    name = forms.CharField(max_length=200, label=_("What should we call you?"))
    contact = forms.CharField(
        max_length=200,
        label=_("Mobile number or email"),
        error_messages={"required": _("Enter a mobile number or email so we can reply.")},
    )
    message = forms.CharField(
        max_length=4000,
        required=False,
        label=_("Message (optional)"),
        help_text=_("A sentence is enough. We'll cover the rest by phone or video."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_contact(self) -> str:
        contact: str = self.cleaned_data["contact"].strip()
        digits = sum(c.isdigit() for c in contact)
        if "@" not in contact and digits < 7:
            raise forms.ValidationError(_("Enter a 10-digit phone number or an email address."))
        return contact


class TypedInquiryForm(InquiryForm):
    channel = forms.ChoiceField(choices=[c for c in Inquiry.CHANNELS if c[0] != "form"], label="Source")
