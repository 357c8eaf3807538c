"""The photos of an insurance card."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from regrow.web.platform.forms import ServiceForm

from .jpeg import NoPhoto, as_jpeg

MOST_BYTES = 15 * 1024 * 1024  # what a telephone's camera makes, with room
SIDES = (("front", _("The front")), ("back", _("The back")))
_CAMERA = {"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}


class InsuranceCardForm(ServiceForm):
    """One or both sides. Each cleans to its JPEG, width and height, or None."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for side, label in SIDES:
            self.fields[side] = forms.FileField(
                label=label,
                required=False,
                widget=forms.FileInput(attrs=_CAMERA),
                error_messages={
                    "empty": _("This is not a photo we can open. Please send a JPEG or PNG picture.")
                },
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(data.get(side) for side, _label in SIDES):
            self.add_error("front", _("Please take or choose a photo first."))
        for side, _label in SIDES:
            file = data.get(side)
            if isinstance(file, UploadedFile):
                data[side] = self._photo(side, file)
        return data

    def _photo(self, side: str, file: UploadedFile) -> tuple[bytes, int, int] | None:
        if not isinstance(file.size, int) or file.size > MOST_BYTES:
            self.add_error(side, _("This photo is too large. Please take it again with your camera."))
            return None
        try:
            return as_jpeg(file.read())
        except NoPhoto:
            self.add_error(side, _("This is not a photo we can open. Please send a JPEG or PNG picture."))
            return None
