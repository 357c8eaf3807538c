"""What prescribers and the medical director enter: limits, intervals, decisions, statements."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from regrow.knowledge import Protocol
from regrow.web.courses.api import ClinicianStatement
from regrow.web.platform.content import knowledge
from regrow.web.platform.forms import Number, NumbersForm, ServiceForm, text_field

PICK = ("required", "invalid_choice")
LONGEST_INTERVAL = Decimal(2000)
INTERVALS = {
    "questions_every_sessions": "The four questions by link, after so many doses",
    "questions_every_days": "The four questions by link, after so many days",
    "bladder_every_sessions": "Bladder, after so many doses",
    "liver_every_sessions": "Liver, after so many doses",
    "cognition_every_days": "Cognition, after so many days",
    "misuse_every_days": "Misuse, after so many days",
}


def limit_numbers(protocol: Protocol) -> Mapping[str, Number]:
    """The limits a protocol leaves to the medical director, as fields labelled from the catalogue of limits."""
    numbers = {}
    for name in (*protocol.unset_limits, *protocol.optional_limits):
        limit = knowledge.limit(name)
        optional = name in protocol.optional_limits
        numbers[name] = Number(
            f"{limit.label} ({limit.unit})" + (", optional" if optional else ""),
            limit.minimum,
            limit.maximum,
            whole=limit.decimals == 0,
            places=limit.decimals or None,
            optional=optional,
        )
    return numbers


class LimitsForm(NumbersForm):
    """One field for each limit that a protocol leaves to the medical director."""

    def __init__(self, protocol: Protocol, *args: Any, **kwargs: Any) -> None:
        super().__init__(limit_numbers(protocol), *args, **kwargs)


class IntervalsForm(NumbersForm):
    """The intervals of the monitoring checks; one left empty is never due."""

    def __init__(self, names: Sequence[str], *args: Any, **kwargs: Any) -> None:
        numbers = {
            name: Number(INTERVALS.get(name, name), Decimal(1), LONGEST_INTERVAL, whole=True, optional=True)
            for name in names
        }
        super().__init__(numbers, *args, **kwargs)


class DecisionForm(ServiceForm):
    """A dose decision for the next session. Rule, cap and weight are checked where it is signed."""

    choice = forms.ChoiceField(
        choices=[("accepted", "Accept"), ("changed", "Change"), ("declined", "Decline")],
        label="Decision",
        error_messages=dict.fromkeys(PICK, "Choose accept, change or decline."),
    )
    dose = forms.DecimalField(
        label="Dose, mg/kg",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"invalid": "Enter the dose as a number, such as 0.5."},
    )
    prn = text_field("PRN medication", most=300)
    reason = text_field("Reason (saved with the order)", most=2000, rows=2)
    # The last decision that the page showed, empty for none.
    seen = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)

    def __init__(self, *args: Any, unit: str = "mg/kg", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dose"].label = f"Dose, {unit}"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        choice = data.get("choice")
        if choice in ("changed", "declined") and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Enter the reason; it is saved with the order.")
        if choice in ("accepted", "changed") and data.get("dose") is None and "dose" not in self.errors:
            self.add_error("dose", "Enter the dose as a number, such as 0.5.")
        return data


class StatementForm(ServiceForm):
    """What a prescriber puts on record about a course; `about` is a session or a weight basis."""

    kind = forms.ChoiceField(
        choices=ClinicianStatement.KINDS,
        label="Statement",
        error_messages=dict.fromkeys(PICK, "Choose what to put on record."),
    )
    about = forms.CharField(label="About", required=False, max_length=40)
    text = text_field("Reason", most=4000, rows=2, empty="Enter a sentence; it is saved in the chart.")


class EstimateSwitchForm(ServiceForm):
    """Shows the model's estimate in the clinic, or not, with the reason."""

    on = forms.ChoiceField(
        choices=[("yes", "Show"), ("no", "Hide")],
        widget=forms.HiddenInput,
        label="Estimate",
        error_messages=dict.fromkeys(PICK, "Choose whether the estimate is shown."),
    )
    text = text_field("Reason (saved with your name)", most=300, empty="Enter the reason.")


class SignWeightsForm(ServiceForm):
    reason = text_field(
        "Reason for accepting these courses (saved with your name)",
        most=4000,
        rows=2,
        empty="Enter the reason for accepting these courses.",
    )
