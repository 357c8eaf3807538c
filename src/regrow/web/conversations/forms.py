"""The public form asks three things; more is asked by a person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from regrow.web.platform.forms import ServiceForm

from .models import Inquiry


class InquiryForm(ServiceForm):
    name = forms.CharField(max_length=200, label=_("What may we call you?"))
    contact = forms.CharField(
        max_length=200,
        label=_("Your phone number or e-mail"),
        error_messages={"required": _("We need a number or an e-mail address to answer you.")},
    )
    message = forms.CharField(
        max_length=4000,
        required=False,
        label=_("Anything you would like to say"),
        help_text=_("You can leave this empty. We talk about the rest."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_contact(self) -> str:
        contact: str = self.cleaned_data["contact"].strip()
        digits = sum(c.isdigit() for c in contact)
        if "@" not in contact and digits < 7:
            raise forms.ValidationError(
                _("Please give a phone number with its area code, or an e-mail address.")
            )
        return contact


class TypedInquiryForm(InquiryForm):
    channel = forms.ChoiceField(choices=[c for c in Inquiry.CHANNELS if c[0] != "form"], label="How it came")
