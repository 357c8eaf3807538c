"""The care journey of a patient: the stage, since when, and what is needed to leave it.

Input: timestamps of milestones (`CareJourney`). Output: `JourneyStatus`. Every screen shows this stage and no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

STAGES: Sequence[tuple[str, str]] = (
    ("inquiry", "Inquiry"),
    ("screen", "Intake form"),
    ("interview", "Intake visit"),
    ("eligibility", "Eligibility"),
    ("benefits", "Benefits verification"),
    ("authorization", "Prior authorization"),
    ("estimate", "Cost estimate"),
    ("scheduled", "Scheduling"),
    ("induction", "Induction"),
    ("review", "Reassessment"),
    ("maintenance", "Maintenance"),
)
INSURED = ("spravato", "either")  # benefits are verified while Spravato is an option
ELSEWHERE = "neither"


@dataclass(frozen=True)
class CareJourney:
    """Timestamps of care-journey milestones; None for one that was not reached. `route` is the route decided on.

    `reviewed_at` is when a prescriber reassessed the patient after the last session of the series.
    """

    wrote_at: datetime
    charted_at: datetime | None = None
    intake_completed_at: datetime | None = None
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
    """A stage of `STAGES` or `closed`, since when, and what is needed to leave it.

    `progress` is how many sessions of the series were held, such as "2 of 6"; empty outside the induction.
    """

    stage: str
    since: datetime
    missing: Sequence[str]
    progress: str = ""

    @property
    def label(self) -> str:
        """The stage as screens show it: Induction, 2 of 6."""
        title = dict(STAGES).get(self.stage, "Closed")
        return f"{title}, {self.progress}" if self.progress else title


def journey_status(journey: CareJourney, now: datetime) -> JourneyStatus:
    """Return the first stage whose conditions to leave are not all met; so every patient is in exactly one."""
    if journey.closed_at is not None:
        return JourneyStatus("closed", journey.closed_at, ())
    if journey.held and journey.last_held_at is not None:
        if journey.held < journey.planned:
            return JourneyStatus(
                "induction",
                journey.booked_at or journey.last_held_at,
                (f"{journey.planned - journey.held} sessions",),
                f"{journey.held} of {journey.planned}",
            )
        if journey.reviewed_at is None or journey.reviewed_at < journey.last_held_at:
            return JourneyStatus("review", journey.last_held_at, ("reassessment decision",))
        return JourneyStatus("maintenance", journey.reviewed_at, ())
    if journey.booked_at is not None:
        return JourneyStatus(
            "induction", journey.booked_at, ("the first session",), f"0 of {journey.planned}"
        )
    if journey.charted_at is None:
        return JourneyStatus("inquiry", journey.wrote_at, ("a reply", "a consultation time"))
    if journey.interviewed_at is None:
        if journey.interview_at is not None and journey.interview_at <= now:
            return JourneyStatus("interview", journey.interview_at, ("the signed intake note",))
        missing = [] if journey.intake_completed_at else ["the intake form"]
        missing += [] if journey.interview_at else ["a consultation time"]
        return JourneyStatus("screen", journey.charted_at, missing or ["the intake visit"])
    if journey.determined_at is None:
        return JourneyStatus("eligibility", journey.interviewed_at, ("eligibility decision by prescriber",))
    since = journey.determined_at
    if journey.route == ELSEWHERE:
        return JourneyStatus("eligibility", since, ("a referral, then closing the chart",))
    if journey.route in INSURED:
        if journey.benefits_at is None:
            return JourneyStatus("benefits", since, ("benefits verification",))
        if journey.authorized_at is None:
            return JourneyStatus(
                "authorization", journey.benefits_at, ("prior authorization, or “not required”",)
            )
        since = journey.authorized_at
    if journey.estimate_given_at is None:
        return JourneyStatus("estimate", since, ("cost estimate given to patient",))
    return JourneyStatus("scheduled", journey.estimate_given_at, ("appointments scheduled",))
