"""Contact hours in the patient's time zone, correct across clock changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from regrow.knowledge import ContactRules


def is_contactable(moment: datetime, zone: ZoneInfo, rules: ContactRules) -> bool:
    """Whether a non-urgent message may be sent at `moment`; the end of the hours is exclusive."""
    local = moment.astimezone(zone)
    return rules.waking_from <= local.time() < rules.waking_to


def next_contactable_time(moment: datetime, zone: ZoneInfo, rules: ContactRules) -> datetime:
    """Return the first moment from `moment` on, in UTC, inside contact hours."""
    if is_contactable(moment, zone, rules):
        return moment.astimezone(UTC)
    local = moment.astimezone(zone)
    day = local.date() if local.time() < rules.waking_from else local.date() + timedelta(days=1)
    return at_local_time(datetime.combine(day, rules.waking_from), zone)


def at_local_time(local: datetime, zone: ZoneInfo) -> datetime:
    """Convert a local clock time to UTC; a time that a clock change skips is taken one hour later."""
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:  # the hour skipped in spring
        moment = (local + timedelta(hours=1)).replace(tzinfo=zone).astimezone(UTC)
    return moment


def local_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return local midnight of a moment, without a zone, for comparing days."""
    return datetime.combine(moment.astimezone(zone).date(), time())
