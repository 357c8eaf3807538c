"""The cadence over invented courses in five time zones: nobody is woken, nobody is pestered, nobody is forgotten.

`REGROW_TEST_COURSES=10000` is the long run; the suite does 600.
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

COURSES = int(os.environ.get("REGROW_TEST_COURSES", "600"))
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
class Story:
    """A course as it happens to somebody, told from one look at it to the next."""

    chance: random.Random
    zone: ZoneInfo
    happened: OutreachHistory
    now: datetime
    ends: datetime
    answers: float
    opts_out_at: datetime | None
    sends: list[tuple[datetime, str]] = field(default_factory=list)
    handed: dict[str, datetime] = field(default_factory=dict)
    looks: list[datetime] = field(default_factory=list)

    def tell(self) -> None:
        steps = 0
        while self.now < self.ends:
            steps += 1
            assert steps < 2_000, "the plan asks to be looked at for ever"
            self._live()
            self.looks.append(self.now)
            found = plan_outreach(CADENCE, RULES, self.happened, self.zone, self.now)
            self._carry_out(found)
            wait = found.look_again_at or self.now + timedelta(days=5)
            assert wait > self.now
            # Now and then the clinic's machine is off for a while.
            off = timedelta(hours=self.chance.choice([0, 0, 0, 0, 3, 30]))
            self.now = min(wait, self.now + timedelta(days=2)) + off

    def _live(self) -> None:
        """What the person and the clinic do meanwhile: come, stay away, answer, ask for no more messages."""
        sittings = []
        for s in self.happened.sittings:
            if s.ended_at is None and not s.off and s.starts_at + timedelta(hours=1) <= self.now:
                came = self.chance.random() < 0.93
                s = replace(s, ended_at=s.starts_at + timedelta(hours=1)) if came else replace(s, off=True)
            elif s.ended_at is None and not s.off and self.chance.random() < 0.02:
                s = replace(s, starts_at=s.starts_at + timedelta(days=self.chance.choice([1, 2, 7])))
            sittings.append(s)
        out = self.happened.opted_out or bool(self.opts_out_at and self.opts_out_at <= self.now)
        self.happened = replace(self.happened, sittings=sittings, opted_out=out)

    def _carry_out(self, found: OutreachPlan) -> None:
        for send in found.sends:
            self.sends.append((self.now, send.key))
            self.happened = replace(
                self.happened, sent=[*self.happened.sent, SentMessage(send.key, self.now)]
            )
            if self.chance.random() < self.answers:
                at = self.now + timedelta(minutes=self.chance.randint(1, 300))
                given = [CompletedForm(instrument, at) for instrument in send.asks]
                self.happened = replace(self.happened, answered=[*self.happened.answered, *given])
        for given_to_person in found.hand_overs:
            assert given_to_person.key not in self.handed, "handed over twice"
            self.handed[given_to_person.key] = self.now
            self.happened = replace(self.happened, handed=self.happened.handed | {given_to_person.key})


def _story(seed: int) -> Story:
    chance = random.Random(seed)
    zone = ZoneInfo(ZONES[seed % len(ZONES)])
    # Around the clock changes of both hemispheres, and elsewhere in the year.
    start = datetime(2026, chance.choice([3, 4, 9, 10, 11]), chance.randint(1, 28), 13, tzinfo=UTC)
    hour = chance.choice([9, 11, 14, 17])
    first = (start + timedelta(days=3)).astimezone(zone).replace(hour=hour, minute=0)
    sittings = [
        SessionTimes(n + 1, (first + timedelta(days=7 * n)).astimezone(UTC))
        for n in range(chance.choice([1, 6, 6]))
    ]
    return Story(
        chance,
        zone,
        OutreachHistory(sittings, "phq-9"),
        start,
        start + timedelta(days=7 * len(sittings) + 110),
        answers=chance.choice([0.0, 0.4, 0.9]),
        opts_out_at=start + timedelta(days=chance.randint(1, 60)) if chance.random() < 0.2 else None,
    )


@pytest.mark.parametrize("part", range(4))
def test_no_course_wakes_pesters_or_forgets(part: int) -> None:
    sent = 0
    for seed in range(part, COURSES, 4):
        story = _story(seed)
        story.tell()
        sent += len(story.sends)
        days = Counter((at.astimezone(story.zone).date()) for at, _ in story.sends)
        assert all(is_contactable(at, story.zone, RULES) for at, _ in story.sends), (
            f"seed {seed}: in quiet hours"
        )
        assert max(days.values(), default=0) <= RULES.most_a_day, f"seed {seed}: too many in a day"
        if story.opts_out_at:
            late = [at for at, _ in story.sends if at >= story.opts_out_at]
            assert not late, f"seed {seed}: written to after an opt-out"
        _nobody_forgotten(seed, story)
    assert sent > COURSES  # the stories are not empty


def _nobody_forgotten(seed: int, story: Story) -> None:
    """A check-in before a session was answered or a person had it, unless the machine was off for the last hours."""
    for s in story.happened.sittings:
        if s.ended_at is None:
            continue
        key = f"before-dose:{s.number}"
        opened = s.starts_at - timedelta(hours=28)
        answered = any(a.instrument == "phq-9" and opened <= a.at for a in story.happened.answered)
        looked = any(s.starts_at - timedelta(hours=3) <= look < s.starts_at for look in story.looks)
        assert answered or key in story.handed or not looked, f"seed {seed}: {key} was forgotten"


LADDER = knowledge.duty("crisis")
SIGNED = {"on_call_after_min": "10", "director_after_min": "20", "clinicians_after_min": "40"}


def test_no_crisis_waits_for_anything() -> None:
    """Whatever the hour, the zone, an opt-out or a machine that was off: every rung that is due has been told."""
    for seed in range(COURSES):
        chance = random.Random(seed)
        raised = datetime(2026, chance.choice([3, 10, 11]), 1, tzinfo=UTC) + timedelta(
            minutes=chance.randint(0, 40_000)
        )
        taken = raised + timedelta(minutes=chance.randint(1, 90)) if chance.random() < 0.6 else None
        told: set[str] = set()
        now = raised
        for _ in range(12):
            seen = taken if taken and taken <= now else None
            told |= {
                t.rung for t in due_notifications(LADDER, SIGNED, raised, acknowledged_at=seen) if t.at <= now
            }
            now += timedelta(minutes=chance.choice([1, 5, 30]))
        minutes = {"named": 0, "on-call": 10, "director": 20, "clinicians": 40}
        must = {
            r
            for r, m in minutes.items()
            if taken is None and raised + timedelta(minutes=m) < now - timedelta(minutes=30)
        }
        assert must <= told, f"seed {seed}: {must - told} never heard of it"
        assert "named" in told


def test_a_ladder_without_signed_minutes_tells_everybody_at_once() -> None:
    raised = datetime(2026, 11, 1, 3, 40, tzinfo=UTC)
    assert [t.at for t in due_notifications(LADDER, {}, raised, acknowledged_at=None)] == [raised] * 4


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        # The night of the change in New York: 1:30 comes twice, waking hours begin once.
        (NY, datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 14, 0, tzinfo=UTC)),
        (NY, datetime(2026, 3, 8, 6, 30, tzinfo=UTC), datetime(2026, 3, 8, 13, 0, tzinfo=UTC)),
        (NY, datetime(2026, 7, 1, 0, 0, tzinfo=UTC), datetime(2026, 7, 1, 13, 0, tzinfo=UTC)),
        (NY, datetime(2026, 7, 1, 15, 0, tzinfo=UTC), datetime(2026, 7, 1, 15, 0, tzinfo=UTC)),
        # 20:00 itself is quiet.
        (NY, datetime(2026, 7, 2, 0, 0, tzinfo=UTC), datetime(2026, 7, 2, 13, 0, tzinfo=UTC)),
    ],
)
def test_waking_hours_begin(zone: ZoneInfo, at: datetime, expected: datetime) -> None:
    assert next_contactable_time(at, zone, RULES) == expected


def _course(**other: object) -> OutreachHistory:
    start = datetime(2026, 10, 27, 15, 0, tzinfo=UTC)  # 11:00 in New York
    return replace(OutreachHistory([SessionTimes(1, start)], "phq-9"), **other)


def test_a_check_in_is_asked_chased_and_handed_over() -> None:
    happened, at = _course(), datetime(2026, 10, 26, 13, 0, tzinfo=UTC)
    first = plan_outreach(CADENCE, RULES, happened, NY, at)
    assert sorted((s.key, s.again, list(s.asks)) for s in first.sends) == [
        ("before-dose:1", False, ["phq-9"]),
        ("day-before:1", False, []),
    ]
    happened = replace(happened, sent=[SentMessage("before-dose:1", at)])
    again = plan_outreach(CADENCE, RULES, happened, NY, at + timedelta(hours=8))
    assert [(s.key, s.again) for s in again.sends if s.asks] == [("before-dose:1", True)]
    happened = replace(happened, sent=[*happened.sent, SentMessage("before-dose:1", at + timedelta(hours=8))])
    # 5:00 the next morning would be the second chase: it waits for nine, when it still stands open.
    night = plan_outreach(CADENCE, RULES, happened, NY, at + timedelta(hours=20))
    assert not [s for s in night.sends if s.asks]
    closed = plan_outreach(CADENCE, RULES, happened, NY, datetime(2026, 10, 27, 12, 0, tzinfo=UTC))
    assert [(h.key, h.why) for h in closed.hand_overs] == [("before-dose:1", "no answer came; asked 2 times")]


def test_an_answer_ends_it_and_a_moved_session_asks_anew() -> None:
    at = datetime(2026, 10, 26, 13, 0, tzinfo=UTC)
    happened = _course(
        sent=[SentMessage("before-dose:1", at)], answered=[CompletedForm("phq-9", at + timedelta(minutes=5))]
    )
    assert not [
        s for s in plan_outreach(CADENCE, RULES, happened, NY, at + timedelta(hours=9)).sends if s.asks
    ]
    moved = replace(happened, sittings=[SessionTimes(1, datetime(2026, 11, 3, 16, 0, tzinfo=UTC))])
    later = plan_outreach(CADENCE, RULES, moved, NY, datetime(2026, 11, 2, 16, 0, tzinfo=UTC))
    assert [(s.key, s.again) for s in later.sends if s.asks] == [("before-dose:1", False)]


def test_after_an_opt_out_a_person_calls() -> None:
    found = plan_outreach(
        CADENCE, RULES, _course(opted_out=True), NY, datetime(2026, 10, 26, 13, 0, tzinfo=UTC)
    )
    assert not found.sends
    assert [h.why for h in found.hand_overs] == ["they asked for no more messages: call them"]


def test_months_are_of_the_calendar() -> None:
    ended = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    done = _course(sittings=[SessionTimes(1, ended - timedelta(hours=1), ended)], sent=())
    at = datetime(2027, 2, 28, 14, 0, tzinfo=UTC)  # 9:00 in New York, the last of February
    found = plan_outreach(CADENCE, RULES, done, NY, at)
    assert [s.key for s in found.sends] == ["month-2"]
    assert list(found.sends[0].asks) == ["phq-9", "gad-7", "own-goal"]


def test_the_order_of_what_happened_does_not_matter() -> None:
    at = datetime(2026, 10, 26, 21, 30, tzinfo=UTC)
    sent = [SentMessage("before-dose:1", at - timedelta(hours=h)) for h in (8, 1)]
    one, other = (plan_outreach(CADENCE, RULES, _course(sent=order), NY, at) for order in (sent, sent[::-1]))
    assert one == other
