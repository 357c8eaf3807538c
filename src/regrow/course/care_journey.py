"""Where somebody is on their way from the first message to the last booster, since when, and what is missing to go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

STAGES: Sequence[tuple[str, str]] = (
    ("inquiry", "Inquiry"),
    ("screen", "Before the interview"),
    ("interview", "Interview"),
    ("eligibility", "Eligibility"),
    ("benefits", "Benefits"),
    ("authorization", "Authorization"),
    ("estimate", "Estimate"),
    ("scheduled", "Scheduling"),
    ("induction", "Induction"),
    ("review", "Review"),
    ("maintenance", "Maintenance"),
)
INSURED = ("spravato", "either")  # a plan is asked while Spravato is still possible
ELSEWHERE = "neither"


@dataclass(frozen=True)
class CareJourney:
    """What has happened on somebody's way, each with its moment; None for what has not. `route` is what was determined.

    `reviewed_at` is when somebody decided, after the last session of the series, how to go on.
    """

    wrote_at: datetime
    charted_at: datetime | None = None
    intake_completed_at: datetime | None = None  # the questions before the interview are answered
    interview_at: datetime | None = None
    interviewed_at: datetime | None = None
    determined_at: datetime | None = None
    route: str = ""
    benefits_at: datetime | None = None
    authorized_at: datetime | None = None
    estimate_given_at: datetime | None = None
    booked_at: datetime | None = None
    held: int = 0
    planned: int = 0
    last_held_at: datetime | None = None
    reviewed_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True)
class JourneyStatus:
    """A stage of `STAGES` or `closed`, since when, and what is missing to leave it."""

    stage: str
    since: datetime
    missing: Sequence[str]


def journey_status(way: CareJourney, now: datetime) -> JourneyStatus:
    """The stage is the first whose conditions to leave are not all met, so nobody can fall between two."""
    if way.closed_at is not None:
        return JourneyStatus("closed", way.closed_at, ())
    if way.held and way.last_held_at is not None:
        if way.held < way.planned:
            return JourneyStatus(
                "induction", way.booked_at or way.last_held_at, (f"{way.planned - way.held} sessions",)
            )
        if way.reviewed_at is None or way.reviewed_at < way.last_held_at:
            return JourneyStatus("review", way.last_held_at, ("a decision how to go on",))
        return JourneyStatus("maintenance", way.reviewed_at, ())
    if way.booked_at is not None:
        return JourneyStatus("induction", way.booked_at, ("the first session",))
    if way.charted_at is None:
        return JourneyStatus("inquiry", way.wrote_at, ("an answer", "a time for the interview"))
    if way.interviewed_at is None:
        if way.interview_at is not None and way.interview_at <= now:
            return JourneyStatus("interview", way.interview_at, ("the end of the interview and its note",))
        missing = [] if way.intake_completed_at else ["the answers before the interview"]
        missing += [] if way.interview_at else ["a time for the interview"]
        return JourneyStatus("screen", way.charted_at, missing or ["the interview itself"])
    if way.determined_at is None:
        return JourneyStatus("eligibility", way.interviewed_at, ("a determination by the prescriber",))
    since = way.determined_at
    if way.route == ELSEWHERE:
        return JourneyStatus("eligibility", since, ("the referral to another way, then the closing",))
    if way.route in INSURED:
        if way.benefits_at is None:
            return JourneyStatus("benefits", since, ("the plan's answer on benefits",))
        if way.authorized_at is None:
            return JourneyStatus(
                "authorization", way.benefits_at, ("prior authorization, or “not required”",)
            )
        since = way.authorized_at
    if way.estimate_given_at is None:
        return JourneyStatus("estimate", since, ("the written estimate, handed over",))
    return JourneyStatus("scheduled", way.estimate_given_at, ("the times of the series",))
