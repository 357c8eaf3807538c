"""What staff enter to book, move, cancel and staff appointments."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from regrow.web.accounts.api import DECIDES, User
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge
from regrow.web.platform.forms import ServiceForm, text_field
from regrow.web.signing.api import protocol_in_force

from .models import WEEKDAYS, Chair, Shift, TimeOff

BOTH = ("required", "invalid")
PICK = ("required", "invalid_choice")
CHOOSE_PROTOCOL = "Choose a protocol from the list."
FARTHEST = timedelta(days=365)
FARTHEST_DAY = timedelta(days=5 * 365)


def _not_too_far(day: date) -> None:
    if day > clock.clinic_today() + FARTHEST_DAY:
        raise forms.ValidationError("Enter a date within the next 5 years.")


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        validators=[_not_too_far],
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages=dict.fromkeys(BOTH, "Enter a date."),
        **more,
    )


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages=dict.fromkeys(BOTH, "Enter a time, such as 9:00 AM."),
    )


class SeriesForm(ServiceForm):
    """The patient's availability. No weekday checked means any."""

    protocol = forms.ChoiceField(
        label="Protocol", error_messages=dict.fromkeys(PICK, "Choose a signed protocol from the list.")
    )
    begin = _day("Earliest start")
    part = forms.ChoiceField(
        label="Best time of day",
        choices=[("any", "Any"), ("morning", "Morning"), ("noon", "Around noon"), ("afternoon", "Afternoon")],
        error_messages=dict.fromkeys(PICK, "Choose a time of day from the list."),
    )
    weekdays = forms.MultipleChoiceField(
        label="Available days",
        required=False,
        choices=[(str(n), name) for n, name in enumerate(WEEKDAYS)],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose weekdays from the list."},
    )
    until = _day("Authorized through", required=False, help_text="Leave empty if no authorization is needed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        signed = [id for id in knowledge.ids("protocol") if protocol_in_force(id)]
        self.fields["protocol"].choices = [(id, knowledge.protocol(id).title) for id in signed]  # type: ignore[attr-defined]


class ChosenTimeForm(ServiceForm):
    """One of the suggested times, as the page carried it, signed."""

    way = forms.CharField(label="Time", error_messages={"required": "Choose one of the suggested times."})


class BookSeriesForm(ChosenTimeForm):
    """One of the suggested schedules, and the protocol it is for."""

    protocol = forms.ChoiceField(label="Protocol", error_messages=dict.fromkeys(PICK, CHOOSE_PROTOCOL))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["protocol"].choices = [(id, id) for id in knowledge.ids("protocol")]  # type: ignore[attr-defined]


class PlanForm(ServiceForm):
    """A protocol and the time of its first session."""

    protocol = forms.ChoiceField(label="Protocol", error_messages=dict.fromkeys(PICK, CHOOSE_PROTOCOL))
    first_at = forms.DateTimeField(
        label="First session (clinic time)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages=dict.fromkeys(BOTH, "Enter a date and time."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Those that can be used come first.
        ids = sorted(knowledge.ids("protocol"), key=lambda id: protocol_in_force(id) is None)
        self.fields["protocol"].choices = [(id, knowledge.protocol(id).title) for id in ids]  # type: ignore[attr-defined]

    def clean_first_at(self) -> datetime:
        first_at: datetime = self.cleaned_data["first_at"]
        if first_at <= clock.now():
            raise forms.ValidationError("Enter a start time in the future.")
        if first_at > clock.now() + FARTHEST:
            raise forms.ValidationError("Enter a start time within the next 12 months.")
        return first_at


class BoosterForm(ServiceForm):
    begin = _day("Earliest start")


class CancelForm(ServiceForm):
    why = text_field(
        "Reason (saved with the session)",
        least=3,
        most=300,
        empty="Enter the reason, such as “ill” or “no-show”.",
        attrs={"list": "whys"},
    )


class RunningLateForm(ServiceForm):
    minutes = forms.IntegerField(
        label="ETA (minutes)",
        min_value=0,
        max_value=600,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "3"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Enter the ETA in minutes, from 0 to 600."
        ),
    )


class WaitlistForm(ServiceForm):
    """On the waitlist from now on, or no longer."""

    wait = forms.ChoiceField(
        choices=[("yes", "Add to waitlist"), ("no", "Remove from waitlist")],
        label="Waitlist",
        error_messages=dict.fromkeys(PICK, "Choose whether to add or remove the patient."),
    )


class OfferResponseForm(ServiceForm):
    """The patient's answer to an earlier time."""

    answer = forms.ChoiceField(
        choices=[("yes", "Yes"), ("no", "No")],
        label="Answer",
        error_messages=dict.fromkeys(PICK, "Choose whether the patient said yes or no."),
    )


class ShiftForm(ServiceForm):
    staff = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label="Staff member",
        error_messages=dict.fromkeys(PICK, "Choose a staff member from the list."),
    )
    kind = forms.ChoiceField(
        label="For",
        choices=Shift.KINDS,
        initial="on_site",
        error_messages=dict.fromkeys(PICK, "Choose a kind of shift from the list."),
    )
    weekday = forms.TypedChoiceField(
        label="Weekday",
        coerce=int,
        choices=list(enumerate(WEEKDAYS)),
        error_messages=dict.fromkeys(PICK, "Choose a weekday from the list."),
    )
    from_time = _time("From")
    to_time = _time("To")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("from_time") and data.get("to_time") and data["from_time"] >= data["to_time"]:
            self.add_error("to_time", "Enter an end after the beginning.")
        if (
            data.get("kind") == "intake_visits"
            and data.get("staff")
            and data["staff"].works_as not in DECIDES
        ):
            self.add_error("staff", "Intake visits need a prescriber. Choose one, or another kind of shift.")
        return data


class EndShiftForm(ServiceForm):
    end = forms.ModelChoiceField(
        Shift.objects.all(),
        label="Shift",
        error_messages={"invalid_choice": "This shift was removed already. Reload the page."},
    )


class TimeOffForm(ServiceForm):
    """A staff member's absence; without a name the clinic is closed."""

    away = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label="Staff member",
        required=False,
        empty_label="Everyone: the clinic is closed",
        error_messages={"invalid_choice": "Choose a staff member from the list."},
    )
    first_day = _day("First day")
    last_day = _day("Last day")
    why = text_field(
        "Reason", most=100, empty="Enter the reason.", help_text="such as Thanksgiving, or vacation"
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("first_day") and data.get("last_day") and data["last_day"] < data["first_day"]:
            self.add_error("last_day", "Enter a last day that is not before the first day.")
        return data


class RemoveTimeOffForm(ServiceForm):
    remove = forms.ModelChoiceField(
        TimeOff.objects.all(),
        label="Closure or time off",
        error_messages={"invalid_choice": "This entry was removed already. Reload the page."},
    )


class ChairForm(ServiceForm):
    name = text_field("Name", most=30, empty="Enter a name.", help_text="such as Chair 6, or Home 1")
    place = forms.ChoiceField(
        label="Where",
        choices=Chair.PLACES,
        error_messages=dict.fromkeys(PICK, "Choose where it is from the list."),
    )

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        if Chair.objects.filter(name__iexact=name, retired_at__isnull=True).exists():
            raise forms.ValidationError(f"There is a {name} already. Give this one another name.")
        return name


class RetireChairForm(ServiceForm):
    close = forms.ModelChoiceField(
        Chair.objects.filter(retired_at__isnull=True),
        label="Chair",
        error_messages={"invalid_choice": "This chair was removed already. Reload the page."},
    )
