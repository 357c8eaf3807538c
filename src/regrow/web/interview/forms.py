"""Forms of the intake visit: one per fact, the safety screening, the end of the visit, an addendum."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from regrow.chart import Outcome
from regrow.knowledge import Criterion, InterviewGuide
from regrow.web.patients.api import TREATMENTS
from regrow.web.platform import clock
from regrow.web.platform.forms import ServiceForm, text_field

from .services import MOST_WORDS, REASON_AT_LEAST


class PersonForm(ServiceForm):
    name = forms.CharField(max_length=200, label="Name")
    birth_date = forms.DateField(label="Date of birth", widget=forms.DateInput(attrs={"type": "date"}))
    sex = forms.ChoiceField(
        choices=[("female", "Female"), ("male", "Male"), ("other", "Other"), ("unknown", "Not stated")],
        label="Sex",
    )

    def clean_birth_date(self) -> date:
        born: date = self.cleaned_data["birth_date"]
        if not 0 <= clock.now().year - born.year <= 120:
            raise forms.ValidationError("Check the year of birth.")
        return born


class ArrivalForm(ServiceForm):
    """Visit setup: patient location, identity check, emergency contact and callback number."""

    place = forms.CharField(
        max_length=300, label="Patient location", help_text="street, city and state, in case of emergency"
    )
    identity = forms.ChoiceField(label="Identity verified by")
    emergency_name = forms.CharField(max_length=200, label="Emergency contact")
    emergency_phone = forms.CharField(max_length=40, label="Emergency contact phone")
    callback = forms.CharField(max_length=40, label="Callback number", required=False)
    present = forms.CharField(max_length=200, label="Others present", required=False)

    def __init__(self, *args: Any, identities: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["identity"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "Choose"), *identities.items()]

    def clean_emergency_phone(self) -> str:
        phone: str = self.cleaned_data["emergency_phone"].strip()
        if sum(c.isdigit() for c in phone) < 7:
            raise forms.ValidationError("Enter a 10-digit phone number.")
        return phone


class DiagnosisForm(ServiceForm):
    icd10 = forms.RegexField(
        r"^[A-Za-z]\d{2}(\.\w{1,4})?$",
        label="ICD-10 code",
        help_text="such as F33.2",
        error_messages={"invalid": "Enter an ICD-10 code such as F33.2."},
    )
    text = forms.CharField(max_length=200, label="Description", required=False)
    episode_start = forms.DateField(
        label="Start of current episode", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean_episode_start(self) -> str | None:
        day: date | None = self.cleaned_data["episode_start"]
        if day is not None and day > clock.clinic_today():
            raise forms.ValidationError("Enter a start date that is not in the future.")
        return day.isoformat() if day else None


class TrialForm(ServiceForm):
    drug = forms.CharField(max_length=100, label="Antidepressant", help_text="generic or brand name")
    dose_mg_per_day = forms.DecimalField(
        min_value=0, max_value=10000, label="Highest dose, mg/day", required=False
    )
    weeks = forms.IntegerField(min_value=0, max_value=2000, label="Weeks at that dose", required=False)
    outcome = forms.ChoiceField(
        choices=[
            (Outcome.NO_RESPONSE, "No response"),
            (Outcome.PARTIAL, "Partial response"),
            (Outcome.INTOLERANCE, "Stopped because of side effects"),
            (Outcome.STILL_TAKING, "Still taking"),
            (Outcome.RESPONSE, "Response"),
        ],
        label="Outcome",
    )
    improvement_percent = forms.DecimalField(
        min_value=-100, max_value=100, label="Improvement, %", required=False, help_text="if documented"
    )
    current_episode = forms.TypedChoiceField(
        choices=[("", "Unknown"), ("yes", "Yes"), ("no", "No")],
        coerce=lambda v: {"yes": True, "no": False}.get(v),
        empty_value=None,
        label="In this episode",
        required=False,
    )
    adherent = forms.TypedChoiceField(
        choices=[("", "Unknown"), ("yes", "Yes"), ("no", "No")],
        coerce=lambda v: {"yes": True, "no": False}.get(v),
        empty_value=None,
        label="Taken as prescribed",
        required=False,
    )


class ConditionForm(ServiceForm):
    text = forms.CharField(max_length=200, label="Condition")
    icd10 = forms.CharField(max_length=10, label="ICD-10 code", required=False)


class MedicineForm(ServiceForm):
    text = forms.CharField(max_length=200, label="Medication", help_text="generic or brand name")
    dose_mg_per_day = forms.DecimalField(
        min_value=0, max_value=100000, label="Dose, mg/day", required=False, help_text="if known"
    )


class TreatmentForm(ServiceForm):
    kind = forms.ChoiceField(choices=list(TREATMENTS.items()), label="Treatment")
    text = forms.CharField(max_length=200, label="Dates and number of treatments", required=False)
    current = forms.TypedChoiceField(
        choices=[("no", "No"), ("yes", "Yes")], coerce=lambda v: v == "yes", label="Ongoing"
    )


class WeightForm(ServiceForm):
    value = forms.DecimalField(min_value=20, max_value=400, decimal_places=1, label="Weight")
    unit = forms.ChoiceField(choices=[("kg", "kg"), ("lb", "lb")], label="Unit")


class HeightForm(ServiceForm):
    value = forms.DecimalField(min_value=100, max_value=250, decimal_places=1, label="Height, cm")


class PressureForm(ServiceForm):
    systolic = forms.IntegerField(min_value=40, max_value=300, label="Systolic, mmHg")
    diastolic = forms.IntegerField(min_value=20, max_value=200, label="Diastolic, mmHg")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        systolic, diastolic = data.get("systolic"), data.get("diastolic")
        if systolic is not None and diastolic is not None and diastolic >= systolic:
            self.add_error("diastolic", "Enter a diastolic pressure below the systolic one.")
        return data


class AskedForm(ServiceForm):
    criterion = forms.SlugField(max_length=60, widget=forms.HiddenInput)
    holds = forms.TypedChoiceField(
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda v: v == "yes",
        label="Decision",
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose Override and continue, or Do not treat."
        ),
    )
    text = text_field("Reason", most=300)

    def clean(self) -> dict[str, Any]:
        """Overriding a precaution needs a reason."""
        data = super().clean() or {}
        if (
            str(data.get("criterion", "")).startswith("accepts-")
            and len(str(data.get("text", "")).strip()) < 10
        ):
            self.add_error("text", "Enter the reason in a sentence; it is saved in the chart.")
        return data


class ScreeningForm(ServiceForm):
    """The safety questions, each answered no or yes; one not asked yet stays open."""

    def __init__(self, criteria: Sequence[Criterion], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for criterion in criteria:
            self.fields[criterion.determination] = forms.ChoiceField(
                choices=[("no", "No"), ("yes", "Yes")],
                required=False,
                label=criterion.ask,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Choose no or yes, or leave it open."},
            )


class SignVisitForm(ServiceForm):
    """How the visit ended, and why."""

    outcome = forms.ChoiceField(
        label="Outcome of the visit",
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose the outcome of the visit."),
    )
    reason = text_field(
        "Reason in one sentence (shown in the note)",
        least=REASON_AT_LEAST,
        most=2000,
        rows=3,
        empty="Enter the reason in a sentence; it is saved in the note.",
    )

    def __init__(self, guide: InterviewGuide, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(each.id, each.title) for each in guide.endings]  # type: ignore[attr-defined]

    def clean_reason(self) -> str:
        return " ".join(self.cleaned_data["reason"].split())


class AddendumForm(ServiceForm):
    text = text_field("Addendum", most=MOST_WORDS, rows=4, empty="Enter the addendum.")


FORMS: dict[str, type[ServiceForm]] = {
    "diagnosis": DiagnosisForm,
    "trial": TrialForm,
    "condition": ConditionForm,
    "medicine": MedicineForm,
    "treatment": TreatmentForm,
    "weight": WeightForm,
    "height": HeightForm,
    "blood_pressure": PressureForm,
    "attestation": AskedForm,
}
