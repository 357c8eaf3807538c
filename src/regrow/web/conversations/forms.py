"""Inquiry forms: the public contact form and the staff's entry form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from regrow.web.platform.forms import ServiceForm

from .models import Inquiry


class InquiryForm(ServiceForm):
    name = forms.CharField(max_length=200, label=_("What name should we use?"))
    contact = forms.CharField(
        max_length=200,
        label=_("Your phone number or email"),
        error_messages={"required": _("Enter a phone number or email so we can reply.")},
    )
    message = forms.CharField(
        max_length=4000,
        required=False,
        label=_("How can we help?"),
        help_text=_("Optional. Please don't include medical details."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_contact(self) -> str:
        contact: str = self.cleaned_data["contact"].strip()
        digits = sum(c.isdigit() for c in contact)
        if "@" not in contact and digits < 7:
            raise forms.ValidationError(_("Enter a phone number with area code, or an email address."))
        return contact


class TypedInquiryForm(InquiryForm):
    channel = forms.ChoiceField(choices=[c for c in Inquiry.CHANNELS if c[0] != "form"], label="Source")
