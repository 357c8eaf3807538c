"""What the forms of all apps share: calling a service, the status of the page, fields for numbers to sign."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from .access import USER_ERRORS, ActionRefused


def sent_with(request: HttpRequest, name: str, value: str | None = None) -> QueryDict | None:
    """The posted data if it has the field `name` (with `value`, where given); else None.

    Tells which form of a page with several was sent; the others stay unbound.
    """
    given = request.POST.get(name)
    wanted = given is not None if value is None else given == value
    return request.POST if request.method == "POST" and wanted else None


if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words: TypeAlias = "str | _StrPromise"


def text_field(
    label: Words,
    *,
    most: int,
    empty: Words = "",
    least: int = 0,
    rows: int = 0,
    help_text: Words = "",
    attrs: Mapping[str, str] | None = None,
) -> forms.CharField:
    """A text of `least` to `most` characters, on one line or `rows` lines.

    `empty` is what to say where it is missing or too short; without it the field may stay empty.
    """
    widget = forms.Textarea if rows else forms.TextInput
    return forms.CharField(
        label=label,
        required=bool(empty),
        min_length=least or None,
        max_length=most,
        help_text=help_text,
        widget=widget(attrs={**({"rows": str(rows)} if rows else {}), **(attrs or {})}),
        error_messages={
            "required": empty,
            "min_length": empty,
            "max_length": _("Shorten this to %(limit_value)d characters or fewer."),
        },
    )


class ServiceForm(forms.Form):
    """A form whose valid data goes to a service, which may still refuse it."""

    refused = False

    @property
    def status(self) -> int:
        """HTTP status of the page that shows the form: 200, 400 with wrong values, 409 if the record refuses."""
        if self.refused:
            return 409
        return 400 if self.is_bound and self.errors else 200

    def submit(self, service: Callable[[dict[str, Any]], object], *, field: str | None = None) -> bool:
        """Call `service` with the cleaned data. Return whether it was done.

        What the service refuses is undone and becomes an error at `field`, or above the form.
        """
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                service(self.cleaned_data)
        except ActionRefused as reason:
            self.refused = True
            self.add_error(field, str(reason))
        except ValidationError as mistake:
            self.add_error(field, mistake.messages)
        except USER_ERRORS as mistake:
            self.add_error(field, str(mistake))
        return not self.errors


KEYS = ("required", "invalid", "min_value", "max_value", "max_decimal_places")


@dataclass(frozen=True)
class Number:
    """A number that a director signs: its label with unit, its range, its decimals, whether it may stay empty."""

    label: str
    least: Decimal
    most: Decimal
    whole: bool = False
    places: int | None = None
    optional: bool = False

    def field(self) -> forms.Field:
        span = f"Enter a {'whole ' if self.whole else ''}number from {self.least} to {self.most}"
        if self.places is not None:
            span += f" with at most {self.places} decimal{'' if self.places == 1 else 's'}"
        sentence = f"{span}, or leave it empty." if self.optional else f"{span}."
        made: Any = forms.IntegerField if self.whole else forms.DecimalField
        found: forms.Field = made(
            label=self.label,
            required=not self.optional,
            min_value=self.least,
            max_value=self.most,
            **({} if self.whole else {"decimal_places": self.places}),
            widget=forms.TextInput(attrs={"inputmode": "numeric" if self.whole else "decimal"}),
            error_messages=dict.fromkeys(KEYS, sentence),
        )
        return found


class NumbersForm(ServiceForm):
    """One field for each number to be signed."""

    def __init__(self, numbers: Mapping[str, Number], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update({name: number.field() for name, number in numbers.items()})

    def values(self) -> dict[str, str]:
        """The numbers given, as plain decimals without trailing zeros; those left empty are absent."""
        given = {name: value for name, value in self.cleaned_data.items() if value is not None}
        return {name: f"{Decimal(value).normalize():f}" for name, value in given.items()}
