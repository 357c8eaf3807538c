"""Plan outreach along a course from its history: messages to send now and tasks to create.

An occasion of a session is keyed by its id and the session's number (`day-1:3`), so that a rescheduled session never
repeats a message.
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
    """A booked session; `ended_at` is the end of the dose, `off` whether it was canceled or missed."""

    number: int
    starts_at: datetime
    ended_at: datetime | None = None
    off: bool = False


@dataclass(frozen=True)
class SentMessage:
    """An automated message that was sent; `key` is its occasion, or another whose messages count toward the daily
    limit.
    """

    key: str
    at: datetime


@dataclass(frozen=True)
class CompletedForm:
    """A completed questionnaire."""

    instrument: str
    at: datetime


@dataclass(frozen=True)
class OutreachHistory:
    """The history a plan depends on. `instrument` is the course's own scale; `handed` the keys that already have a
    task.
    """

    sessions: Sequence[SessionTimes]
    instrument: str
    answered: Sequence[CompletedForm] = ()
    sent: Sequence[SentMessage] = ()
    task_keys: frozenset[str] = frozenset()
    opted_out: bool = False
    ended_at: datetime | None = None  # the course was closed


@dataclass(frozen=True)
class SendMessage:
    """A message to send now. `asks` are the instruments still to be answered; `again` from the second message on."""

    key: str
    occasion: OutreachOccasion
    asks: Sequence[str]
    again: bool
    session: int | None
    closes_at: datetime


@dataclass(frozen=True)
class CreateTask:
    """A task for staff: no answer came, or none may be requested. `over` when the occasion has closed."""

    key: str
    occasion: OutreachOccasion
    why: str
    over: bool = False


@dataclass(frozen=True)
class OutreachPlan:
    """What to do at a moment, and when to plan again (None: after the next event)."""

    messages: Sequence[SendMessage]
    tasks: Sequence[CreateTask]
    next_check_at: datetime | None


def plan_outreach(
    cadence: OutreachSchedule, rules: ContactRules, history: OutreachHistory, zone: ZoneInfo, at: datetime
) -> OutreachPlan:
    """Plan within the daily limit, outside quiet hours, and without messages after an opt-out."""
    messages, tasks, next_checks = list[SendMessage](), list[CreateTask](), list[datetime]()
    if history.ended_at is not None and history.ended_at <= at:
        return OutreachPlan((), (), None)
    today = sum(local_day(s.at, zone) == local_day(at, zone) for s in history.sent)
    for key, occasion, opens, closes, session in _occasions(cadence, history, zone, rules):
        if opens > at:
            next_checks.append(opens)
            continue
        asks = _open_asks(occasion, history, opens)
        if key in history.task_keys or (occasion.asks and not asks):
            continue
        if history.opted_out:
            if occasion.hand_over and at < closes:
                tasks.append(CreateTask(key, occasion, "opted out of messages: call the patient"))
            continue
        sent = [s.at for s in history.sent if s.key == key and s.at >= opens]
        due = opens if not sent else max(sent) + timedelta(hours=occasion.chase_hours)
        last_call = closes - timedelta(hours=occasion.person_hours)
        if at >= last_call:
            if occasion.hand_over and at < closes + rules.pace.task_open:
                tasks.append(CreateTask(key, occasion, _unanswered(len(sent)), over=at >= closes))
        elif len(sent) > (occasion.chases if occasion.asks else 0):
            if occasion.hand_over and due <= at:
                tasks.append(CreateTask(key, occasion, _unanswered(len(sent))))
            elif occasion.hand_over:
                next_checks.append(min(due, last_call))
        elif due > at:
            next_checks.append(min(due, last_call))
        elif not is_contactable(at, zone, rules):
            next_checks.append(min(next_contactable_time(at, zone, rules), last_call))
        elif today >= rules.most_a_day:
            next_checks.append(min(_next_day(at, zone, rules), last_call))
        else:
            today += 1
            messages.append(SendMessage(key, occasion, asks, bool(sent), session, closes))
            next_checks.append(min(at + timedelta(hours=occasion.chase_hours), last_call))
    return OutreachPlan(messages, tasks, min(next_checks, default=None))


def _unanswered(times: int) -> str:
    asked = {0: "no message could be sent in time", 1: "asked once"}.get(times, f"asked {times} times")
    return f"no answer came; {asked}"


def _open_asks(occasion: OutreachOccasion, history: OutreachHistory, opens: datetime) -> Sequence[str]:
    """Return the instruments without an answer since the occasion opened."""
    wanted = [history.instrument if ask == "course" else ask for ask in occasion.asks]
    done = {a.instrument for a in history.answered if a.at >= opens}
    return [ask for ask in wanted if ask not in done]


def _occasions(
    cadence: OutreachSchedule, history: OutreachHistory, zone: ZoneInfo, rules: ContactRules
) -> Iterator[tuple[str, OutreachOccasion, datetime, datetime, int | None]]:
    """Yield (key, occasion, opens, closes, session) for every occasion of the course, most urgent first."""
    active = [s for s in history.sessions if not s.off]
    found = list[tuple[str, OutreachOccasion, datetime, datetime, int | None]]()
    for occasion in cadence.occasions:
        if occasion.anchor == "session_start":
            for s in active:
                if s.ended_at is None:
                    opens = _from(s.starts_at, occasion, zone, rules)
                    closes = min(opens + timedelta(hours=occasion.open_hours), s.starts_at)
                    found.append((f"{occasion.id}:{s.number}", occasion, opens, closes, s.number))
        elif occasion.anchor == "session_end":
            for s in active:
                if s.ended_at is not None:
                    opens = _from(s.ended_at, occasion, zone, rules)
                    closes = opens + timedelta(hours=occasion.open_hours)
                    found.append((f"{occasion.id}:{s.number}", occasion, opens, closes, s.number))
        elif active and all(s.ended_at for s in active):
            last = max(s.ended_at for s in active if s.ended_at)
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
