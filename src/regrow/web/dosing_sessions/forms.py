"""What is entered around a session: REMS submission, waste witness, the patient's own entries at home."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regrow.web.platform.forms import ServiceForm, text_field

from .models import DosingSession

VITALS = {
    "systolic_mmhg": _("Systolic (top number)"),
    "diastolic_mmhg": _("Diastolic (bottom number)"),
    "pulse_per_min": _("Pulse"),
    "spo2_percent": _("Oxygen, %"),
}
LOOK_AGAIN = _("Please look at the numbers again.")


class RemsSubmissionForm(ServiceForm):
    """The confirmation number of a submitted REMS form; submitted again, also the reason."""

    confirmation = text_field(
        "Confirmation number",
        most=60,
        empty="Enter the confirmation number from the portal or the fax.",
    )
    reason = text_field("Reason for resubmission", most=300)

    def __init__(self, *args: Any, again: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if again:
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = "Enter the reason for resubmission."
        else:
            del self.fields["reason"]


class WitnessForm(ServiceForm):
    """A waste that a second person confirms, by a button."""

    session = forms.ModelChoiceField(
        DosingSession.objects.all(),
        label="Session",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a waste from the list."),
    )
    waste = forms.CharField(
        label="Waste", max_length=60, error_messages={"required": "Choose a waste from the list."}
    )


class OverrideForm(ServiceForm):
    """A gate that a prescriber overrides, and why."""

    rule = text_field("Rule to override", most=60, empty="Choose the rule to override.")
    reason = text_field("Reason", most=300, empty="Enter the reason; it is saved in the session log.")


class HomePlaceForm(ServiceForm):
    place = text_field(
        _("Where are you now? Street, apartment, city and state, so help can find you."),
        least=5,
        most=300,
        empty=_("Enter where you are: street and city."),
        attrs={"autocomplete": "street-address"},
    )

    def clean_place(self) -> str:
        return " ".join(self.cleaned_data["place"].split())


class HomeVitalsForm(ServiceForm):
    """Readings of the patient's own device. Limits are checked when the session records them."""

    def __init__(self, names: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attrs = {"inputmode": "numeric", "maxlength": "3", "autocomplete": "off"}
        for name in names:
            self.fields[name] = forms.IntegerField(
                label=VITALS[name],
                required=False,
                widget=forms.TextInput(attrs=attrs),
                error_messages={"invalid": LOOK_AGAIN},
            )

    def entered_values(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.cleaned_data.items() if value is not None}
