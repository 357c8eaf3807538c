"""The date of birth that opens a link, and an instrument as a clinician rates it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regrow.knowledge import Item, Scale
from regrow.web.platform.forms import ServiceForm, Words

WHOLE_DATE = _("Enter month, day and 4-digit year.")


def _part(label: Words, least: int, most: int, autocomplete: str, digits: int) -> forms.IntegerField:
    attrs = {"inputmode": "numeric", "autocomplete": autocomplete, "maxlength": str(digits)}
    keys = ("required", "invalid", "min_value", "max_value")
    return forms.IntegerField(
        min_value=least,
        max_value=most,
        label=label,
        widget=forms.TextInput(attrs=attrs),
        error_messages=dict.fromkeys(keys, WHOLE_DATE),
    )


class BirthDateForm(ServiceForm):
    """Month, day and year apart, because a date picker is slow for a year of birth. Cleans to `born`."""

    month = _part(_("Month"), 1, 12, "bday-month", 2)
    day = _part(_("Day"), 1, 31, "bday-day", 2)
    year = _part(_("Year"), 1900, 2100, "bday-year", 4)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if {"year", "month", "day"} <= data.keys():
            try:
                data["born"] = date(data["year"], data["month"], data["day"])
            except ValueError:
                self.add_error("day", WHOLE_DATE)
        return data


class RatingForm(ServiceForm):
    """One field for each item of an instrument; an item may stay unanswered."""

    def __init__(self, scale: Scale, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scale = scale
        for item in scale.items:
            self.fields[f"item-{item.number}"] = _rating(item)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and all(answer is None for answer in self.answers()):
            raise forms.ValidationError("Choose at least one answer.")
        return data

    def answers(self) -> list[int | None]:
        """The scores in the order of the items; None where nothing was chosen."""
        return [self.cleaned_data.get(f"item-{item.number}") for item in self.scale.items]

    def rows(self) -> list[tuple[Item, forms.BoundField]]:
        return [(item, self[f"item-{item.number}"]) for item in self.scale.items]


def _rating(item: Item) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=f"{item.number}. {item.text}" if item.text else f"Item {item.number}",
        choices=[(option.score, option.text) for option in item.options],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the scores of this item."},
    )
