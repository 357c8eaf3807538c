"""What is due along a course, as a fold over what has happened: whom to ask or tell now, what goes to a person.

An occasion of a session is named by its id and the session's number (`day-1:3`), so whatever is moved, each thing is
sent at most as often as the file says.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from regrow.knowledge import ContactRules, OutreachOccasion, OutreachSchedule

from .quiet_hours import at_local_time, is_contactable, local_day, next_contactable_time


@dataclass(frozen=True)
class SessionTimes:
    """A booked session; `ended_at` once the dose has been given, and `off` when it was called off or missed."""

    number: int
    starts_at: datetime
    ended_at: datetime | None = None
    off: bool = False


@dataclass(frozen=True)
class SentMessage:
    """An automatic message that went out; `key` is its occasion's, or another's whose messages count in a day."""

    key: str
    at: datetime


@dataclass(frozen=True)
class CompletedForm:
    """An instrument answered in full."""

    instrument: str
    at: datetime


@dataclass(frozen=True)
class OutreachHistory:
    """All the plan rests on. `instrument` is the course's own scale; `handed` the keys a person has already."""

    sittings: Sequence[SessionTimes]
    instrument: str
    answered: Sequence[CompletedForm] = ()
    sent: Sequence[SentMessage] = ()
    handed: frozenset[str] = frozenset()
    opted_out: bool = False
    ended_at: datetime | None = None  # the course was closed


@dataclass(frozen=True)
class SendMessage:
    """To be sent now. `asks` are the instruments still to be answered; `again` from the second time on."""

    key: str
    occasion: OutreachOccasion
    asks: Sequence[str]
    again: bool
    session: int | None
    closes_at: datetime


@dataclass(frozen=True)
class CreateTask:
    """No answer came, or none may be asked for: a person takes it up. `over` when it has closed already."""

    key: str
    occasion: OutreachOccasion
    why: str
    over: bool = False


@dataclass(frozen=True)
class OutreachPlan:
    """What is to be done at a moment, and when to look again (None: when something new happens)."""

    sends: Sequence[SendMessage]
    hand_overs: Sequence[CreateTask]
    look_again_at: datetime | None


def plan_outreach(
    cadence: OutreachSchedule, rules: ContactRules, happened: OutreachHistory, zone: ZoneInfo, at: datetime
) -> OutreachPlan:
    """Never more messages a day than the rules say, none in quiet hours, none after an opt-out."""
    sends, hand_overs, later = list[SendMessage](), list[CreateTask](), list[datetime]()
    if happened.ended_at is not None and happened.ended_at <= at:
        return OutreachPlan((), (), None)
    today = sum(local_day(s.at, zone) == local_day(at, zone) for s in happened.sent)
    for key, occasion, opens, closes, session in _occasions(cadence, happened, zone, rules):
        if opens > at:
            later.append(opens)
            continue
        asks = _open_asks(occasion, happened, opens)
        if key in happened.handed or (occasion.asks and not asks):
            continue
        if happened.opted_out:
            if occasion.hand_over and at < closes:
                hand_overs.append(CreateTask(key, occasion, "they asked for no more messages: call them"))
            continue
        sent = [s.at for s in happened.sent if s.key == key and s.at >= opens]
        due = opens if not sent else max(sent) + timedelta(hours=occasion.chase_hours)
        last_call = closes - timedelta(hours=occasion.person_hours)
        if at >= last_call:
            if occasion.hand_over and at < closes + rules.pace.task_kept:
                hand_overs.append(CreateTask(key, occasion, _unanswered(len(sent)), over=at >= closes))
        elif len(sent) > (occasion.chases if occasion.asks else 0):
            if occasion.hand_over and due <= at:
                hand_overs.append(CreateTask(key, occasion, _unanswered(len(sent))))
            elif occasion.hand_over:
                later.append(min(due, last_call))
        elif due > at:
            later.append(min(due, last_call))
        elif not is_contactable(at, zone, rules):
            later.append(min(next_contactable_time(at, zone, rules), last_call))
        elif today >= rules.most_a_day:
            later.append(min(_next_day(at, zone, rules), last_call))
        else:
            today += 1
            sends.append(SendMessage(key, occasion, asks, bool(sent), session, closes))
            later.append(min(at + timedelta(hours=occasion.chase_hours), last_call))
    return OutreachPlan(sends, hand_overs, min(later, default=None))


def _unanswered(times: int) -> str:
    asked = {0: "it could not be asked in time", 1: "asked once"}.get(times, f"asked {times} times")
    return f"no answer came; {asked}"


def _open_asks(occasion: OutreachOccasion, happened: OutreachHistory, opens: datetime) -> Sequence[str]:
    """The instruments nobody has answered since the occasion opened."""
    wanted = [happened.instrument if ask == "course" else ask for ask in occasion.asks]
    done = {a.instrument for a in happened.answered if a.at >= opens}
    return [ask for ask in wanted if ask not in done]


def _occasions(
    cadence: OutreachSchedule, happened: OutreachHistory, zone: ZoneInfo, rules: ContactRules
) -> Iterator[tuple[str, OutreachOccasion, datetime, datetime, int | None]]:
    """(key, occasion, opens, closes, session) of everything the course has in it; what matters soonest comes first."""
    standing = [s for s in happened.sittings if not s.off]
    found = list[tuple[str, OutreachOccasion, datetime, datetime, int | None]]()
    for occasion in cadence.occasions:
        if occasion.anchor == "session_start":
            for s in standing:
                if s.ended_at is None:
                    opens = _from(s.starts_at, occasion, zone, rules)
                    closes = min(opens + timedelta(hours=occasion.open_hours), s.starts_at)
                    found.append((f"{occasion.id}:{s.number}", occasion, opens, closes, s.number))
        elif occasion.anchor == "session_end":
            for s in standing:
                if s.ended_at is not None:
                    opens = _from(s.ended_at, occasion, zone, rules)
                    closes = opens + timedelta(hours=occasion.open_hours)
                    found.append((f"{occasion.id}:{s.number}", occasion, opens, closes, s.number))
        elif standing and all(s.ended_at for s in standing):
            last = max(s.ended_at for s in standing if s.ended_at)
            opens = _from(last, occasion, zone, rules)
            closes = opens + timedelta(hours=occasion.open_hours)
            found.append((occasion.id, occasion, opens, closes, None))
    yield from sorted(found, key=lambda f: (f[3], f[2], f[0]))


def _from(anchor: datetime, occasion: OutreachOccasion, zone: ZoneInfo, rules: ContactRules) -> datetime:
    if occasion.hours is not None:
        return anchor + timedelta(hours=occasion.hours)
    day = anchor.astimezone(zone).date()
    if occasion.days is not None:
        day += timedelta(days=occasion.days)
    else:
        months = day.month - 1 + (occasion.months or 0)
        year, month = day.year + months // 12, months % 12 + 1
        day = day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))
    return at_local_time(datetime.combine(day, rules.waking_from), zone)


def _next_day(at: datetime, zone: ZoneInfo, rules: ContactRules) -> datetime:
    tomorrow = local_day(at, zone) + timedelta(days=1)
    return at_local_time(datetime.combine(tomorrow.date(), rules.waking_from), zone)
