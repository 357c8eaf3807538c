"""Contact details of a patient."""

from zoneinfo import available_timezones

from django import forms

from regrow.web.platform.forms import ServiceForm


class ContactPreferencesForm(ServiceForm):
    """A patient's contact details, language, check-in channel and time zone."""

    phone = forms.CharField(max_length=40, label="Phone", required=False)
    email = forms.EmailField(
        label="Email",
        required=False,
        error_messages={"invalid": "Enter an email address such as name@example.org."},
    )
    language = forms.ChoiceField(choices=[("en", "English"), ("es", "Spanish")], label="Language")
    checkin_channel = forms.ChoiceField(
        choices=[("text", "Text or email"), ("call", "Phone call, answered by keypad")],
        label="Check-ins come by",
    )
    time_zone = forms.CharField(
        max_length=50,
        label="Time zone",
        required=False,
        help_text="the patient's, such as America/Chicago; empty for the clinic's own",
    )

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"].strip()
        if zone and zone not in available_timezones():
            raise forms.ValidationError("Enter a time zone such as America/Chicago, or leave it empty.")
        return zone

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"].strip()
        if phone and sum(c.isdigit() for c in phone) < 7:
            raise forms.ValidationError("Enter a 10-digit phone number.")
        return phone
