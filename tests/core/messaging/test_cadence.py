"""Outreach over simulated courses in five time zones: quiet hours, daily limit, opt-out, tasks for staff.

`REGROW_TEST_COURSES=10000` is the long run; the suite does 200 new ones in each run.
"""

import os
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from regrow.messaging import (
    CompletedForm,
    OutreachHistory,
    OutreachPlan,
    SentMessage,
    SessionTimes,
    due_notifications,
    is_contactable,
    next_contactable_time,
    plan_outreach,
)
from tests.content import knowledge
from tests.run_seed import first_seed

COURSES = int(os.environ.get("REGROW_TEST_COURSES", "200"))
ZONES = [
    "America/New_York",
    "America/Los_Angeles",
    "Europe/Madrid",
    "Australia/Lord_Howe",  # its clock changes by half an hour
    "Asia/Kathmandu",
]
RULES = knowledge.contact()
CADENCE = knowledge.cadence_for("iv-weekly-6")
NY = ZoneInfo("America/New_York")


@dataclass
class SimulatedCourse:
    """One simulated course, advanced from one outreach check to the next."""

    chance: random.Random
    zone: ZoneInfo
    history: OutreachHistory
    now: datetime
    ends: datetime
    answers: float
    opts_out_at: datetime | None
    sends: list[tuple[datetime, str]] = field(default_factory=list)
    handed: dict[str, datetime] = field(default_factory=dict)
    looks: list[datetime] = field(default_factory=list)

    def run(self) -> None:
        steps = 0
        while self.now < self.ends:
            steps += 1
            assert steps < 2_000, "the plan never stops asking for another check"
            self._live()
            self.looks.append(self.now)
            found = plan_outreach(CADENCE, RULES, self.history, self.zone, self.now)
            self._carry_out(found)
            wait = found.next_check_at or self.now + timedelta(days=5)
            assert wait > self.now
            # Sometimes the clinic's server is down for a while.
            off = timedelta(hours=self.chance.choice([0, 0, 0, 0, 3, 30]))
            self.now = min(wait, self.now + timedelta(days=2)) + off

    def _live(self) -> None:
        """Simulate attendance, no-shows, rescheduling and opt-outs until now."""
        sessions = []
        for s in self.history.sessions:
            if s.ended_at is None and not s.off and s.starts_at + timedelta(hours=1) <= self.now:
                came = self.chance.random() < 0.93
                s = replace(s, ended_at=s.starts_at + timedelta(hours=1)) if came else replace(s, off=True)
            elif s.ended_at is None and not s.off and self.chance.random() < 0.02:
                s = replace(s, starts_at=s.starts_at + timedelta(days=self.chance.choice([1, 2, 7])))
            sessions.append(s)
        out = self.history.opted_out or bool(self.opts_out_at and self.opts_out_at <= self.now)
        self.history = replace(self.history, sessions=sessions, opted_out=out)

    def _carry_out(self, found: OutreachPlan) -> None:
        for send in found.messages:
            self.sends.append((self.now, send.key))
            self.history = replace(self.history, sent=[*self.history.sent, SentMessage(send.key, self.now)])
            if self.chance.random() < self.answers:
                at = self.now + timedelta(minutes=self.chance.randint(1, 300))
                given = [CompletedForm(instrument, at) for instrument in send.asks]
                self.history = replace(self.history, answered=[*self.history.answered, *given])
        for task in found.tasks:
            assert task.key not in self.handed, "task created twice"
            self.handed[task.key] = self.now
            self.history = replace(self.history, task_keys=self.history.task_keys | {task.key})


def _simulated_course(seed: int) -> SimulatedCourse:
    chance = random.Random(seed)
    zone = ZoneInfo(ZONES[seed % len(ZONES)])
    # Around the clock changes of both hemispheres, and elsewhere in the year.
    start = datetime(2026, chance.choice([3, 4, 9, 10, 11]), chance.randint(1, 28), 13, tzinfo=UTC)
    hour = chance.choice([9, 11, 14, 17])
    first = (start + timedelta(days=3)).astimezone(zone).replace(hour=hour, minute=0)
    sessions = [
        SessionTimes(n + 1, (first + timedelta(days=7 * n)).astimezone(UTC))
        for n in range(chance.choice([1, 6, 6]))
    ]
    return SimulatedCourse(
        chance,
        zone,
        OutreachHistory(sessions, "phq-9"),
        start,
        start + timedelta(days=7 * len(sessions) + 110),
        answers=chance.choice([0.0, 0.4, 0.9]),
        opts_out_at=start + timedelta(days=chance.randint(1, 60)) if chance.random() < 0.2 else None,
    )


@pytest.mark.parametrize("part", range(4))
def test_messages_respect_quiet_hours_daily_limit_and_opt_out(part: int) -> None:
    sent = 0
    first = first_seed()
    for seed in range(first + part, first + COURSES, 4):
        story = _simulated_course(seed)
        story.run()
        sent += len(story.sends)
        days = Counter((at.astimezone(story.zone).date()) for at, _ in story.sends)
        assert all(is_contactable(at, story.zone, RULES) for at, _ in story.sends), (
            f"seed {seed}: in quiet hours"
        )
        assert max(days.values(), default=0) <= RULES.most_a_day, f"seed {seed}: too many in a day"
        if story.opts_out_at:
            late = [at for at, _ in story.sends if at >= story.opts_out_at]
            assert not late, f"seed {seed}: written to after an opt-out"
        _assert_every_check_in_answered_or_tasked(seed, story)
    assert sent > COURSES  # the courses are not empty


def _assert_every_check_in_answered_or_tasked(seed: int, story: SimulatedCourse) -> None:
    """A pre-session check-in was answered or has a task, unless the server was down in the last hours."""
    for s in story.history.sessions:
        if s.ended_at is None:
            continue
        key = f"before-dose:{s.number}"
        opened = s.starts_at - timedelta(hours=28)
        answered = any(a.instrument == "phq-9" and opened <= a.at for a in story.history.answered)
        looked = any(s.starts_at - timedelta(hours=3) <= look < s.starts_at for look in story.looks)
        assert answered or key in story.handed or not looked, (
            f"seed {seed}: {key} has neither an answer nor a task"
        )


POLICY = knowledge.duty("crisis")
SIGNED = {"on_call_after_min": "10", "director_after_min": "20", "clinicians_after_min": "40"}


@pytest.mark.parametrize("minutes_late", [0, 1, 60])
def test_an_acknowledgment_stops_the_steps_due_from_that_moment_on(minutes_late: int) -> None:
    """The step due at the moment of the acknowledgment is not notified; one due a second earlier is."""
    raised = datetime(2026, 11, 1, 3, 40, tzinfo=UTC) + timedelta(minutes=minutes_late)

    def due(acknowledged_at: datetime | None) -> list[tuple[str, datetime]]:
        found = due_notifications(POLICY, SIGNED, raised, acknowledged_at=acknowledged_at)
        return [(n.step_id, n.at) for n in found]

    steps = [("named", 0), ("on-call", 10), ("director", 20), ("clinicians", 40)]
    assert due(None) == [(id, raised + timedelta(minutes=m)) for id, m in steps]
    for place, (_, minutes) in enumerate(steps[1:], start=1):
        acknowledged = raised + timedelta(minutes=minutes)
        assert [id for id, _ in due(acknowledged)] == [id for id, _ in steps[:place]]
        later = acknowledged + timedelta(seconds=1)
        assert [id for id, _ in due(later)] == [id for id, _ in steps[: place + 1]]


def test_without_signed_minutes_every_step_is_due_at_once() -> None:
    raised = datetime(2026, 11, 1, 3, 40, tzinfo=UTC)
    assert [t.at for t in due_notifications(POLICY, {}, raised, acknowledged_at=None)] == [raised] * 4


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        # The night of the change in New York: 1:30 comes twice, contact hours begin once.
        (NY, datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 14, 0, tzinfo=UTC)),
        (NY, datetime(2026, 3, 8, 6, 30, tzinfo=UTC), datetime(2026, 3, 8, 13, 0, tzinfo=UTC)),
        (NY, datetime(2026, 7, 1, 0, 0, tzinfo=UTC), datetime(2026, 7, 1, 13, 0, tzinfo=UTC)),
        (NY, datetime(2026, 7, 1, 15, 0, tzinfo=UTC), datetime(2026, 7, 1, 15, 0, tzinfo=UTC)),
        # 20:00 itself is quiet.
        (NY, datetime(2026, 7, 2, 0, 0, tzinfo=UTC), datetime(2026, 7, 2, 13, 0, tzinfo=UTC)),
    ],
)
def test_next_contactable_time(zone: ZoneInfo, at: datetime, expected: datetime) -> None:
    assert next_contactable_time(at, zone, RULES) == expected


def _course(**other: object) -> OutreachHistory:
    start = datetime(2026, 10, 27, 15, 0, tzinfo=UTC)  # 11:00 in New York
    return replace(OutreachHistory([SessionTimes(1, start)], "phq-9"), **other)


def test_a_check_in_is_sent_repeated_and_becomes_a_task() -> None:
    happened, at = _course(), datetime(2026, 10, 26, 13, 0, tzinfo=UTC)
    first = plan_outreach(CADENCE, RULES, happened, NY, at)
    assert sorted((s.key, s.again, list(s.asks)) for s in first.messages) == [
        ("before-dose:1", False, ["phq-9"]),
        ("day-before:1", False, []),
    ]
    happened = replace(happened, sent=[SentMessage("before-dose:1", at)])
    again = plan_outreach(CADENCE, RULES, happened, NY, at + timedelta(hours=8))
    assert [(s.key, s.again) for s in again.messages if s.asks] == [("before-dose:1", True)]
    happened = replace(happened, sent=[*happened.sent, SentMessage("before-dose:1", at + timedelta(hours=8))])
    # 5:00 the next morning is in quiet hours, so no second reminder is sent then.
    night = plan_outreach(CADENCE, RULES, happened, NY, at + timedelta(hours=20))
    assert not [s for s in night.messages if s.asks]
    closed = plan_outreach(CADENCE, RULES, happened, NY, datetime(2026, 10, 27, 12, 0, tzinfo=UTC))
    assert [(h.key, h.why) for h in closed.tasks] == [("before-dose:1", "no answer came; asked 2 times")]


def test_an_answer_ends_reminders_and_a_rescheduled_session_asks_again() -> None:
    at = datetime(2026, 10, 26, 13, 0, tzinfo=UTC)
    happened = _course(
        sent=[SentMessage("before-dose:1", at)], answered=[CompletedForm("phq-9", at + timedelta(minutes=5))]
    )
    assert not [
        s for s in plan_outreach(CADENCE, RULES, happened, NY, at + timedelta(hours=9)).messages if s.asks
    ]
    moved = replace(happened, sessions=[SessionTimes(1, datetime(2026, 11, 3, 16, 0, tzinfo=UTC))])
    later = plan_outreach(CADENCE, RULES, moved, NY, datetime(2026, 11, 2, 16, 0, tzinfo=UTC))
    assert [(s.key, s.again) for s in later.messages if s.asks] == [("before-dose:1", False)]


def test_an_opt_out_creates_a_call_task() -> None:
    found = plan_outreach(
        CADENCE, RULES, _course(opted_out=True), NY, datetime(2026, 10, 26, 13, 0, tzinfo=UTC)
    )
    assert not found.messages
    assert [h.why for h in found.tasks] == ["opted out of messages: call the patient"]


def test_months_follow_the_calendar() -> None:
    ended = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    done = _course(sessions=[SessionTimes(1, ended - timedelta(hours=1), ended)], sent=())
    at = datetime(2027, 2, 28, 14, 0, tzinfo=UTC)  # 9:00 in New York, the last of February
    found = plan_outreach(CADENCE, RULES, done, NY, at)
    assert [s.key for s in found.messages] == ["month-2"]
    assert list(found.messages[0].asks) == ["phq-9", "gad-7", "own-goal"]


def test_the_order_of_history_does_not_matter() -> None:
    at = datetime(2026, 10, 26, 21, 30, tzinfo=UTC)
    sent = [SentMessage("before-dose:1", at - timedelta(hours=h)) for h in (8, 1)]
    one, other = (plan_outreach(CADENCE, RULES, _course(sent=order), NY, at) for order in (sent, sent[::-1]))
    assert one == other
