"""What other desks may ask of the patient's side."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from regrow.web.patients.api import Patient, time_zone_of
from regrow.web.platform.content import knowledge
from regrow.web.platform.formats import clock_time
from regrow.web.signing.api import in_force


def preparation_limits() -> Mapping[str, str]:
    """The hours the medical director signed for the time before a session; empty where nobody has."""
    found = knowledge.preparation()
    signed = in_force("preparation", found.id, found.version)
    return signed.values if signed else {}


def fasting_times(patient: Patient, starts_at: datetime) -> Sequence[str]:
    """Until when somebody eats and drinks, as times of their own clock; nothing where no hours are signed."""
    limits, zone, told = preparation_limits(), time_zone_of(patient), []
    for until in knowledge.preparation().until:
        if limits.get(until.limit):
            at = (starts_at - timedelta(hours=float(limits[until.limit]))).astimezone(zone)
            text = until.text.get(patient.language, until.text["en"])
            told.append(text.format(time=clock_time(at, patient.language)))
    return told
