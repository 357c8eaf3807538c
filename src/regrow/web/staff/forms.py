"""The public form asks three things; more is asked by a person."""

from collections.abc import Sequence
from typing import Any

from django import forms

from regrow.web.appointments.api import IntakeSlot


class InterviewTimeForm(forms.Form):
    """One of the free hours, or any other time."""

    slot = forms.ChoiceField(required=False)
    interview_at = forms.DateTimeField(
        label="Interview at (clinic time)",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    video_link = forms.URLField(
        label="Video link",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text="of whichever service is used; empty for the clinic's own room",
    )

    def __init__(self, *args: Any, free: Sequence[IntakeSlot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._free = {t.id: t for t in free}
        slot = self.fields["slot"]
        assert isinstance(slot, forms.ChoiceField)
        slot.choices = [(id, id) for id in self._free]
        slot.error_messages["invalid_choice"] = "This hour was taken meanwhile. Choose another."

    def clean(self) -> dict[str, Any]:
        """The chosen hour brings its prescriber; a time of one's own has none yet."""
        data: dict[str, Any] = super().clean() or {}
        chosen = self._free.get(data.get("slot") or "")
        if chosen is not None:
            data["interview_at"], data["interviewer"] = chosen.at, chosen.who
        elif data.get("interview_at"):
            data["interviewer"] = None
        elif not self.errors:
            raise forms.ValidationError("Choose one of the free hours, or give a time.")
        return data
