"""What staff enter about a safety alert: an attempt to reach the patient, and the resolution."""

from typing import Any

from django import forms

from regrow.web.platform.content import knowledge
from regrow.web.platform.forms import ServiceForm, text_field


class AttemptForm(ServiceForm):
    """One way of reaching the patient, chosen by a button."""

    attempt = forms.ChoiceField(
        label="Attempt",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of the attempts offered."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tries = {each.id: each for each in knowledge.duty().tries}
        self.fields["attempt"].choices = [(id, each.text) for id, each in self.tries.items()]  # type: ignore[attr-defined]


class ResolveAlertForm(ServiceForm):
    done = text_field(
        "Resolution",
        least=10,
        most=4000,
        rows=2,
        empty="Enter what was done: whom you reached and what was agreed.",
    )
