"""What staff enter on the inquiries, board, inbox and escalation pages."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms

from regrow.web.accounts.api import CLINICAL, User
from regrow.web.alerts.api import OnCallShift
from regrow.web.appointments.api import IntakeSlot
from regrow.web.patients.api import Milestone, Patient
from regrow.web.platform import clock
from regrow.web.platform.forms import ServiceForm, text_field

CLOSE_REASONS = [
    "remission",
    "no response",
    "side effects",
    "cost",
    "own choice",
    "lost",
    "moved",
    "not a candidate",
]
# Written by the site itself, or by a form of its own.
FARTHEST = timedelta(days=365)
NOT_STEPS = ("owner", "snoozed", "intake_completed", "closed")


class InterviewTimeForm(ServiceForm):
    """One of the open consultation times, or any other time."""

    slot = forms.ChoiceField(required=False)
    interview_at = forms.DateTimeField(
        label="Consultation time (clinic time)",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    video_link = forms.URLField(
        label="Video link",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text="Leave empty to use the clinic's own video room",
    )

    def __init__(self, *args: Any, free: Sequence[IntakeSlot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.free = {t.id: t for t in free}
        slot = self.fields["slot"]
        assert isinstance(slot, forms.ChoiceField)
        slot.choices = [(id, id) for id in self.free]
        slot.error_messages["invalid_choice"] = "This time is no longer available. Choose another."

    def clean(self) -> dict[str, Any]:
        """The chosen open time brings its prescriber; another time has none yet."""
        data: dict[str, Any] = super().clean() or {}
        chosen = self.free.get(data.get("slot") or "")
        if chosen is not None:
            data["interview_at"], data["interviewer"] = chosen.at, chosen.who
        elif data.get("interview_at"):
            if not clock.now() < data["interview_at"] < clock.now() + FARTHEST:
                self.add_error("interview_at", "Enter a time in the next 12 months.")
            data["interviewer"] = None
        elif not self.errors:
            raise forms.ValidationError("Choose an open time, or enter another time.")
        return data


class StepForm(ServiceForm):
    """A completed step of the pipeline, chosen by a button; `text` is the outcome of an eligibility decision."""

    kind = forms.ChoiceField(
        choices=[each for each in Milestone.KINDS if each[0] not in NOT_STEPS],
        label="Step",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of the steps offered."),
    )
    text = text_field("Outcome", most=300)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") == "determined" and not data.get("text"):
            self.add_error("text", "Choose the treatment the patient is eligible for.")
        return data


class CloseForm(ServiceForm):
    """Ends the care of a patient, with the reason."""

    text = forms.ChoiceField(
        choices=[(reason, reason) for reason in CLOSE_REASONS],
        label="Close (reason)",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose the reason from the list."),
    )


class AssignForm(ServiceForm):
    """Another owner for a patient, of the active staff."""

    owner = forms.TypedChoiceField(
        coerce=int,
        label="Owner",
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose an active staff member from the list."
        ),
    )

    def __init__(self, staff: Sequence[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [(each.id, each.shown_name) for each in staff]  # type: ignore[attr-defined]


class SnoozeForm(ServiceForm):
    until = forms.DateField(
        label="Snooze until",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages=dict.fromkeys(("required", "invalid"), "Enter a future date."),
    )
    why = text_field("Reason", least=3, most=300, empty="Enter a reason.")

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until <= clock.clinic_today():
            raise forms.ValidationError("Enter a future date.")
        return until


class TaskDoneForm(ServiceForm):
    done = text_field(
        "Resolution",
        least=5,
        most=300,
        empty="Enter what was done, such as “called, will answer tonight”.",
    )


class ReplyForm(ServiceForm):
    text = text_field("Message", most=1500, rows=5, empty="Enter a message.")


class LinkPatientForm(ServiceForm):
    """The patient whose address it is, by MRN. Cleans to `patient`."""

    mrn = text_field("MRN", most=12, empty="Enter the MRN shown in the chart.")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("mrn"):
            data["patient"] = Patient.objects.filter(mrn=data["mrn"]).first()
            if data["patient"] is None:
                self.add_error("mrn", "No patient has this MRN. Check the number in the chart.")
        return data


class CloseInquiryForm(ServiceForm):
    why = text_field(
        "Reason (saved with the inquiry)", least=5, most=300, empty="Enter the reason, in a few words."
    )


class OnCallForm(ServiceForm):
    staff = forms.ModelChoiceField(
        User.objects.filter(is_active=True, role__in=CLINICAL),
        label="Clinician",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a clinician from the list."),
    )
    from_at = forms.DateTimeField(
        label="From (clinic time)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages=dict.fromkeys(("required", "invalid"), "Enter the date and time it begins."),
    )
    to_at = forms.DateTimeField(
        label="To (clinic time)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages=dict.fromkeys(("required", "invalid"), "Enter the date and time it ends."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("from_at") and data.get("to_at") and data["from_at"] >= data["to_at"]:
            self.add_error("to_at", "Enter an end after the beginning.")
        return data


class EndOnCallForm(ServiceForm):
    """Ends a shift on call, or removes it if it has not begun."""

    end = forms.ModelChoiceField(
        OnCallShift.objects.all(),
        label="Shift",
        error_messages={"invalid_choice": "Choose a shift from the list."},
    )
