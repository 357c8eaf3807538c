"""What patients fill in: intake form, aftercare plan, consent, shared plan, check-in."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regrow.knowledge import AftercareStep, Criterion, Drug, Item
from regrow.knowledge.kinds.aftercare import Aftercare
from regrow.web.assessments.api import BirthDateForm
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.evidence_figures import plain_figures
from regrow.web.platform.forms import ServiceForm, text_field

ANSWERS = [("no", _("No")), ("yes", _("Yes")), ("unsure", _("Not sure"))]
OUTCOMES = [
    ("response", _("It helped")),
    ("partial", _("It helped a little")),
    ("no_response", _("It did not help")),
    ("intolerance", _("I stopped because of side effects")),
    ("still_taking", _("I am taking it now")),
]
CHOOSE = _("Please choose one of the answers.")
MOST_WEEKS = 2000


class AboutYouForm(BirthDateForm):
    """Name, date of birth, where the video visit finds the patient, and the emergency contact."""

    field_order = ["name", "month", "day", "year", "place", "emergency_name", "emergency_phone"]
    name = text_field(
        _("Your name"), most=200, empty=_("Enter your full name."), attrs={"autocomplete": "name"}
    )
    place = text_field(_("Where will you be during the video visit? (city and state)"), most=200)
    emergency_name = text_field(_("Emergency contact"), most=200, attrs={"autocomplete": "off"})
    emergency_phone = text_field(
        _("Emergency contact's phone number"),
        most=40,
        attrs={"inputmode": "tel", "autocomplete": "off"},
    )

    def __init__(self, patient: Patient, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        born = data.get("born")
        if born and born >= clock.clinic_today():
            self.add_error("year", _("Enter a date of birth in the past."))
        elif born and self.patient.birth_date not in (None, born):
            self.add_error("month", _("That doesn't match our records. Check the date, or text us."))
        return data


class IntakeQuestionForm(ServiceForm):
    """One safety question, answered by a button."""

    answer = forms.ChoiceField(
        choices=ANSWERS, label=_("Answer"), error_messages={"required": CHOOSE, "invalid_choice": CHOOSE}
    )

    def __init__(self, criterion: Criterion, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criterion = criterion


class DrugsTakenForm(ServiceForm):
    """The antidepressants a patient has taken, by their ids; none is an answer too."""

    drug = forms.MultipleChoiceField(
        required=False,
        label=_("Which antidepressants have you taken, now or in the past?"),
        error_messages={"invalid_choice": _("Choose from the list.")},
    )

    def __init__(self, drugs: Sequence[Drug], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drugs = drugs
        self.fields["drug"].choices = [(d.id, d.id) for d in drugs]  # type: ignore[attr-defined]

    def rows(self) -> list[tuple[Drug, bool]]:
        chosen = self["drug"].value() or ()
        return [(d, d.id in chosen) for d in self.drugs]


class DrugResponseForm(ServiceForm):
    """How well each antidepressant worked, and for about how many weeks it was taken."""

    def __init__(self, drugs: Sequence[Drug], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drugs = drugs
        for drug in drugs:
            name = drug.names[0] if drug.names else drug.id
            self.fields[f"{drug.id}-outcome"] = forms.ChoiceField(
                choices=OUTCOMES,
                required=False,
                label=name,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": CHOOSE},
            )
            sentence = _("Enter a whole number of weeks, or leave it empty.")
            self.fields[f"{drug.id}-weeks"] = forms.IntegerField(
                required=False,
                min_value=0,
                max_value=MOST_WEEKS,
                label=_("About how many weeks?"),
                widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "4"}),
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), sentence),
            )

    def rows(self) -> list[tuple[Drug, forms.BoundField, forms.BoundField]]:
        return [(d, self[f"{d.id}-outcome"], self[f"{d.id}-weeks"]) for d in self.drugs]

    def by_drug(self) -> dict[str, dict[str, str]]:
        """Outcome and weeks of each drug as stored: text, empty where not given."""
        data = self.cleaned_data
        return {
            d.id: {
                "outcome": data[f"{d.id}-outcome"],
                "weeks": "" if data[f"{d.id}-weeks"] is None else str(data[f"{d.id}-weeks"]),
            }
            for d in self.drugs
        }


class AnythingElseForm(ServiceForm):
    words = text_field(_("Goals, concerns, other treatments (optional)."), most=4000, rows=6)


class AftercarePlanForm(ServiceForm):
    """What a patient picks for the days after treatment, who picks them up, and a note to themselves."""

    ride = text_field(_("Who is picking you up?"), most=100, attrs={"autocomplete": "off"})
    intention = text_field(_("A note to yourself (optional)"), most=300, rows=2)

    def __init__(self, plan: Aftercare, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps = plan.steps
        for step in plan.steps:
            self.fields[step.id] = forms.MultipleChoiceField(
                choices=[(text, text) for text in map(plain_figures, step.choices)],
                required=False,
                label=plain_figures(step.title),
                widget=forms.CheckboxSelectMultiple,
                error_messages={"invalid_choice": _("Choose from the list.")},
            )
            self.fields[f"{step.id}-own"] = text_field(_("Add your own"), most=200)

    @classmethod
    def initial_of(cls, plan: Aftercare, stored: Mapping[str, Any]) -> dict[str, Any]:
        """A stored plan as initial values; of texts that are not offered the first is the patient's own."""
        initial = {"ride": stored.get("ride", ""), "intention": stored.get("intention", "")}
        for step in plan.steps:
            offered = [plain_figures(text) for text in step.choices]
            chosen = stored.get("choices", {}).get(step.id, [])
            initial[step.id] = [text for text in chosen if text in offered]
            initial[f"{step.id}-own"] = next((text for text in chosen if text not in offered), "")
        return initial

    def rows(self) -> list[tuple[AftercareStep, forms.BoundField, forms.BoundField]]:
        return [(step, self[step.id], self[f"{step.id}-own"]) for step in self.steps]

    def plan(self) -> dict[str, Any]:
        """The plan as stored."""
        data = self.cleaned_data
        return {
            "choices": {
                step.id: [text for text in (*data[step.id], data[f"{step.id}-own"]) if text]
                for step in self.steps
            },
            "ride": data["ride"],
            "intention": data["intention"],
        }

    def typed(self) -> str:
        """Every text as typed, valid or not, to screen it for crisis language."""
        names = ["ride", "intention", *(f"{step.id}-own" for step in self.steps)]
        return " ".join(str(self[name].value() or "") for name in names)


class ConsentForm(ServiceForm):
    """The patient's consent: the box checked, the full name typed as a signature."""

    agree = forms.BooleanField(
        label=_("Consent"),
        error_messages={"required": _("Check the box to consent. Have questions? Request a call first.")},
    )
    name = text_field(
        _("Type your full name to sign"),
        most=200,
        empty=_("Type your full legal name."),
        attrs={"autocomplete": "name"},
    )

    def __init__(self, patient: Patient, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if name.casefold() != " ".join(self.patient.name.split()).casefold():
            raise forms.ValidationError(_("Type your full legal name."))
        return name


class SharePlanForm(ServiceForm):
    """The therapist with whom a patient shares their plan, and the patient's authorization."""

    name = text_field(
        _("Your therapist's name"),
        most=200,
        empty=_("Enter your therapist's name."),
        attrs={"autocomplete": "off"},
    )
    email = forms.EmailField(
        max_length=200,
        label=_("Your therapist's email"),
        widget=forms.EmailInput(attrs={"inputmode": "email", "autocomplete": "off"}),
        error_messages=dict.fromkeys(("required", "invalid"), _("Enter your therapist's email address.")),
    )
    agree = forms.BooleanField(
        label=_("Authorization"), error_messages={"required": _("Check the box if you agree.")}
    )


class CheckinAnswerForm(ServiceForm):
    """One question of a check-in, answered by a button."""

    def __init__(self, item: Item, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"] = forms.TypedChoiceField(
            choices=[(score, score) for score in item.scores],
            coerce=int,
            label=_("Answer"),
            error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
        )
