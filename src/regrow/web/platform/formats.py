"""What other desks may ask of the patient's side."""

from datetime import datetime

from django.utils import formats, translation


def format_day(local: datetime, language: str) -> str:
    """A day as a message names it: Thursday 5 November, jueves 5 de noviembre."""
    with translation.override(language):
        return formats.date_format(local, "l j \\d\\e F" if language == "es" else "l j F")
