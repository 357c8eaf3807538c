"""Name alert: patients of the same day with a similar name."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from regrow.web.appointments.api import Appointment
from regrow.web.patients.api import Patient
from regrow.web.platform import clock

# Similarity threshold for spelling, not clinical: Ortiz and Ortis match, Ortiz and Otto do not.
SIMILARITY_THRESHOLD = 0.85


def similar_today(appointment: Appointment) -> "Sequence[Patient]":
    """Return patients of the same day with a similar name, or with equal family name and birth date (twins)."""
    zone = clock.clinic_zone()
    day = appointment.starts_at.astimezone(zone).date()
    start = datetime.combine(day, datetime.min.time(), tzinfo=zone)
    others = Appointment.objects.filter(
        canceled_at__isnull=True, starts_at__gte=start, starts_at__lt=start + timedelta(days=1)
    )
    one = appointment.course.patient
    found = {o.course.patient_id: o.course.patient for o in others.select_related("course__patient")}
    return [other for id, other in found.items() if id != one.id and similar_names(one, other)]


def similar_names(one: "Patient", other: "Patient") -> bool:
    """Whether two patients may be confused by name, or by family name and birth date."""
    a, b = _plain(one.name), _plain(other.name)
    if SequenceMatcher(None, a, b).ratio() >= SIMILARITY_THRESHOLD or sorted(a.split()) == sorted(b.split()):
        return True
    return (
        one.birth_date is not None and one.birth_date == other.birth_date and a.split()[-1:] == b.split()[-1:]
    )


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())
