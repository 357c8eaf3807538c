"""Place a series at a chosen start time with the scheduling engine, and state why a time is unavailable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from regrow.knowledge import Protocol
from regrow.scheduling import Obstacle, TimeUnavailable, place_at
from regrow.web.accounts.api import User
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.formats import clock_time, short_day

from .capacity import clinic_capacity, series_request
from .models import Chair
from .series import place_of

NO_CHAIRS = {
    "clinic": "The clinic has no chair yet. Add one under Calendar, Staff schedule.",
    "home": "There is no nurse slot for at-home sessions yet. Add one under Calendar, Staff schedule.",
}
OBSTACLES = {
    Obstacle.CLOSED: "The clinic is closed on {when}.",
    Obstacle.NO_PRESCRIBER: "No prescriber is on site on {when}.",
    Obstacle.NO_NURSE: "No nurse is available on {when}.",
    Obstacle.NO_CHAIR: "No chair is free on {when}.",
    Obstacle.AFTER_AUTHORIZATION: "The authorization ends before {when}.",
}


@dataclass(frozen=True)
class Slot:
    """One session of a series with its chair and its nurse."""

    number: int
    chair: Chair
    nurse: User
    starts_at: datetime
    ends_at: datetime


def place_series(protocol: Protocol, limits: Mapping[str, str], first: datetime) -> list[Slot]:
    """Return a slot for every session of the protocol, the first at `first`, at the same local time.

    Opening hours, closures, shifts, time off, prescribers on site and chairs decide, as for suggested schedules.
    Raises `ActionRefused` with the first session that cannot be held, and why.
    """
    place = place_of(protocol)
    request = series_request(protocol, limits, first)
    days = request.visits[-1].days[-1] + 2
    capacity = clinic_capacity(clock.clinic_day(first), days, place=place)
    if not capacity.chairs:
        raise ActionRefused(NO_CHAIRS[place])
    try:
        plan = place_at(request, capacity, clock.clinic_zone(), first)
    except TimeUnavailable as reason:
        when = f"{short_day(reason.span.start)}, {clock_time(reason.span.start)}"
        sentence = OBSTACLES[reason.obstacle].format(when=when)
        raise ActionRefused(f"{sentence} Choose another time for the series.") from reason
    chairs = {chair.name: chair for chair in Chair.objects.filter(place=place)}
    nurses = {
        nurse.username: nurse for nurse in User.objects.filter(username__in={v.nurse for v in plan.visits})
    }
    return [Slot(v.number, chairs[v.chair], nurses[v.nurse], v.span.start, v.span.end) for v in plan.visits]
