"""Waking hours where a person is. Sound across clock changes: everything is asked of the local clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from regrow.knowledge import ContactRules


def is_contactable(moment: datetime, zone: ZoneInfo, rules: ContactRules) -> bool:
    """Whether what can wait may be sent at a moment; the last minute of the hours does not belong to them."""
    local = moment.astimezone(zone)
    return rules.waking_from <= local.time() < rules.waking_to


def next_contactable_time(moment: datetime, zone: ZoneInfo, rules: ContactRules) -> datetime:
    """The first moment from `moment` on, in UTC, that lies in waking hours."""
    if is_contactable(moment, zone, rules):
        return moment.astimezone(UTC)
    local = moment.astimezone(zone)
    day = local.date() if local.time() < rules.waking_from else local.date() + timedelta(days=1)
    return at_local_time(datetime.combine(day, rules.waking_from), zone)


def at_local_time(local: datetime, zone: ZoneInfo) -> datetime:
    """A time of the local clock as a moment in UTC; one that a clock change leaves out is taken an hour later."""
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:  # the hour that spring leaves out
        moment = (local + timedelta(hours=1)).replace(tzinfo=zone).astimezone(UTC)
    return moment


def local_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """Midnight of the local day of a moment, without a zone: for telling days apart."""
    return datetime.combine(moment.astimezone(zone).date(), time())
