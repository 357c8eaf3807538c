"""Entries of the controlled-substance log: receipts, counts, disposals, adjustments, confirmations, incidents."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from regrow.inventory import LedgerAction
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.forms import ServiceForm, text_field

OPEN = "open:"  # before the id of an opened container in the name of its field


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **more)


class ReceiveForm(ServiceForm):
    drug = forms.ChoiceField(choices=[("ketamine", "Ketamine"), ("esketamine", "Esketamine")], label="Drug")
    form = forms.ChoiceField(
        choices=[("vial", "Vial"), ("nasal device", "Nasal device"), ("tablet", "Tablet or troche")],
        label="Form",
    )
    ndc = forms.CharField(max_length=20, label="NDC", required=False)
    lot = forms.RegexField(
        r"^[A-Za-z0-9-]{1,30}$",
        label="Lot",
        error_messages={"invalid": "Enter the lot as letters, digits and dashes."},
    )
    expiry = _day("Expires")
    size_mg = forms.DecimalField(
        min_value=0, max_value=100_000, max_digits=9, decimal_places=3, label="Contents of each (mg)"
    )
    size_ml = forms.DecimalField(
        min_value=0, max_value=10_000, max_digits=8, decimal_places=3, label="Volume of each (mL)"
    )
    count = forms.IntegerField(min_value=1, max_value=200, label="Quantity")
    received_on = _day("Received on")
    invoice = forms.CharField(max_length=60, label="Invoice number")
    single_dose = forms.TypedChoiceField(
        choices=[("yes", "Single dose"), ("no", "Multiple doses")],
        coerce=lambda v: v == "yes",
        label="Labeled for",
    )
    mrn = forms.CharField(max_length=12, label="Patient-specific: MRN", required=False)
    prescription = forms.CharField(max_length=40, label="Prescription number", required=False)

    def clean(self) -> dict[str, Any]:
        """Sizes above zero; a named patient must exist."""
        data = super().clean() or {}
        for name in ("size_mg", "size_ml"):
            if data.get(name) is not None and data[name] <= 0:
                self.add_error(name, "Enter an amount above 0.")
        mrn = data.get("mrn")
        data["patient"] = ""
        if mrn:
            patient = Patient.objects.filter(mrn=mrn).first()
            if patient is None:
                self.add_error("mrn", "No patient has this MRN. It is shown below the name on each chart.")
            else:
                data["patient"] = str(patient.id)
        return data

    def clean_received_on(self) -> date:
        """Not in the future."""
        day: date = self.cleaned_data["received_on"]
        if day > clock.clinic_today():
            raise forms.ValidationError("Enter a receipt date that is not in the future.")
        return day


class CountForm(ServiceForm):
    lot = forms.CharField(max_length=30, label="Lot")
    sealed = forms.IntegerField(min_value=0, max_value=10_000, label="Sealed containers counted")

    def __init__(self, *args: Any, opened: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sent = [name.removeprefix(OPEN) for name in self.data if name.startswith(OPEN)]
        for id in dict.fromkeys([*opened, *sent]):
            self.fields[f"{OPEN}{id}"] = forms.DecimalField(
                label=f"{id}, opened: mg remaining",
                required=False,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                error_messages={"invalid": "Enter the mg remaining, such as 460 or 12.5, or leave it empty."},
            )

    def left_mg(self) -> dict[str, Any]:
        """The mg remaining in each opened container, by its id; those left empty are absent."""
        return {
            name.removeprefix(OPEN): value
            for name, value in self.cleaned_data.items()
            if name.startswith(OPEN) and value is not None
        }


class DisposeForm(ServiceForm):
    container = forms.CharField(max_length=60, label="Container")
    act = forms.ChoiceField(
        choices=[
            (LedgerAction.DESTROY.value, "Destroyed (Form 41)"),
            (LedgerAction.RETURN.value, "Sent to reverse distributor"),
            (LedgerAction.BREAK.value, "Broken or spilled"),
            (LedgerAction.QUARANTINE.value, "Quarantined"),
            (LedgerAction.RELEASE.value, "Released from quarantine"),
        ],
        label="Disposition",
    )
    reason = forms.CharField(max_length=300, label="Reason (with form number, if any)")


class AdjustForm(ServiceForm):
    container = forms.CharField(max_length=60, label="Container")
    mg = forms.DecimalField(
        min_value=-100_000,
        max_value=100_000,
        max_digits=9,
        decimal_places=3,
        label="Change in mg (minus for less)",
    )
    reason = forms.CharField(max_length=300, label="Reason")


class ConfirmEntryForm(ServiceForm):
    """The entry that a second person confirms, by a button."""

    entry = forms.CharField(
        max_length=60, label="Entry", error_messages={"required": "Choose the entry to confirm."}
    )


class ResolveIncidentForm(ServiceForm):
    incident = forms.CharField(
        max_length=60,
        label="Discrepancy",
        widget=forms.HiddenInput,
        error_messages={"required": "Choose the discrepancy to resolve."},
    )
    reason = text_field("Finding and resolution", most=500, empty="Enter the finding and the resolution.")


FORMS: dict[str, type[ServiceForm]] = {
    "receive": ReceiveForm,
    "count": CountForm,
    "dispose": DisposeForm,
    "adjust": AdjustForm,
}
