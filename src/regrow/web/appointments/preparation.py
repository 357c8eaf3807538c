"""Fasting times before a session, from the signed preparation hours."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from regrow.web.patients.api import Patient, time_zone_of
from regrow.web.platform.content import knowledge
from regrow.web.platform.formats import clock_time
from regrow.web.signing.api import in_force


def preparation_limits() -> Mapping[str, str]:
    """Return the hours signed by the medical director; empty without a signature."""
    found = knowledge.preparation()
    signed = in_force("preparation", found.id, found.version)
    return signed.values if signed else {}


def fasting_times(patient: Patient, starts_at: datetime) -> Sequence[str]:
    """Return until when the patient may eat and drink, in their local time; empty without signed hours."""
    limits, zone, told = preparation_limits(), time_zone_of(patient), []
    for until in knowledge.preparation().until:
        if limits.get(until.limit):
            at = (starts_at - timedelta(hours=float(limits[until.limit]))).astimezone(zone)
            text = until.text.get(patient.language, until.text["en"])
            told.append(text.format(time=clock_time(at, patient.language)))
    return told
