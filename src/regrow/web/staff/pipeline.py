"""The board: everybody on their way, by stage, with an owner, since when and what is missing. Nobody sits without an owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Min, OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from regrow import knowledge
from regrow.course import STAGES, CareJourney, JourneyStatus, journey_status
from regrow.web.accounts.api import DECIDES, DESK, EVERYONE, StaffRequest, User
from regrow.web.alerts.api import SafetyAlert
from regrow.web.conversations.api import Inquiry
from regrow.web.courses.api import StaffTask
from regrow.web.interview.api import IntakeVisit
from regrow.web.patients.api import ClinicalFact, Milestone, Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed

CLOSED_SHOWN = timedelta(days=30)
# What somebody at the desk, or only the prescriber, says has happened at each stage.
STEPS = {
    "benefits": [("benefits", "Benefits verified")],
    "authorization": [("authorized", "Authorized, or not required")],
    "estimate": [("estimate_given", "Cost estimate given")],
}
DECISIONS = ("determined", "reviewed")
REASONS = [
    "remission",
    "no response",
    "side effects",
    "cost",
    "own choice",
    "lost",
    "moved",
    "not a candidate",
]


@dataclass(frozen=True)
class Row:
    """One person of the board; `danger` is an open alert, `tasks` what a person is to take up."""

    id: str
    name: str
    link: str
    owner: User
    standing: JourneyStatus
    danger: bool = False
    tasks: Sequence[str] = ()
    until: date | None = None
    patient: bool = True

    @property
    def owner_left(self) -> bool:
        return not self.owner.is_active


def rows(now: datetime) -> Sequence[Row]:
    """Everybody who is not closed, or was closed lately: people who wrote and have no chart, and everybody with one."""
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    alarming = set(SafetyAlert.objects.filter(resolved_at=None).values_list("patient_id", "inquiry_id"))
    danger = {id for pair in alarming for id in pair if id}
    found = [
        Row(
            id=str(i.id),
            name=i.name,
            link=reverse("inquiry", args=[i.id]),
            owner=i.owner,
            standing=journey_status(CareJourney(wrote_at=i.received_at), now),
            danger=i.id in danger,
            patient=False,
        )
        for i in Inquiry.objects.filter(patient=None, closed_at=None).select_related("owner")
    ]
    tasks: dict[object, list[str]] = {}
    for task in StaffTask.objects.filter(done_at=None).select_related("course"):
        tasks.setdefault(task.course.patient_id, []).append(task.text)
    # Of those who are closed only the last weeks are looked at: over the years they are nearly everybody.
    last = Milestone.objects.filter(patient=OuterRef("pk"), kind__in=["closed", "reopened"]).order_by(
        "-at", "-id"
    )
    known = Patient.objects.annotate(
        last_kind=Subquery(last.values("kind")[:1]), last_at=Subquery(last.values("at")[:1])
    ).filter(Q(last_kind__isnull=True) | Q(last_kind="reopened") | Q(last_at__gte=now - CLOSED_SHOWN))
    people = known.select_related("owner").prefetch_related(
        "inquiries", "milestones", "courses__signature", "courses__appointments__session"
    )
    interviewed = _interviewed()
    for patient in people:
        found.append(
            Row(
                id=str(patient.id),
                name=patient.name,
                link=reverse("chart", args=[patient.id]),
                owner=patient.owner,
                standing=journey_status(_journey(patient, interviewed.get(patient.id)), now),
                danger=patient.id in danger,
                tasks=tasks.get(patient.id, ()),
                until=next(
                    (
                        m.until
                        for m in reversed(patient.milestones.all())
                        if m.kind == "snoozed" and m.until and m.until > today
                    ),
                    None,
                ),
            )
        )
    return sorted(found, key=lambda r: (not r.danger, r.until is not None, not r.tasks, r.standing.since))


def _interviewed() -> dict[object, datetime]:
    """When the talk was ended with a determination; without a talk on record, when somebody coded the first fact."""
    ends = IntakeVisit.objects.filter(ended_at__isnull=False).exclude(outcome="")
    found: dict[object, datetime] = {}
    for talk in ends.order_by("ended_at"):
        ending = knowledge.interview(talk.guide, talk.guide_version).ending(talk.outcome)
        if ending.determines and talk.ended_at:
            found[talk.patient_id] = talk.ended_at
    talked = set(IntakeVisit.objects.values_list("patient", flat=True))
    coded = ClinicalFact.objects.filter(kind__in=["diagnosis", "trial"], key="").exclude(patient__in=talked)
    return found | {
        row["patient"]: row["at"] for row in coded.values("patient").annotate(at=Min("recorded_at"))
    }


def _journey(patient: Patient, interviewed_at: datetime | None) -> CareJourney:
    wrote = min((i.received_at for i in patient.inquiries.all()), default=patient.created_at)
    interview_at = next((i.interview_at for i in patient.inquiries.all() if i.interview_at), None)
    at = {m.kind: m for m in patient.milestones.all()}  # the last of each kind
    course = max(patient.courses.all(), key=lambda c: c.planned_at, default=None)
    appointments = [b for b in course.appointments.all() if b.canceled_at is None] if course else []
    ended = [b.session.closed_at for b in appointments if getattr(b, "session", None) and b.session.closed_at]
    closed, reopened = at.get("closed"), at.get("reopened")
    shut = closed is not None and (reopened is None or reopened.at < closed.at)

    def when(kind: str) -> datetime | None:
        return at[kind].at if kind in at else None

    return CareJourney(
        wrote_at=wrote,
        charted_at=patient.created_at,
        intake_completed_at=when("intake_completed"),
        interview_at=interview_at,
        interviewed_at=interviewed_at,
        determined_at=when("determined"),
        route=at["determined"].text if "determined" in at else "",
        benefits_at=when("benefits"),
        authorized_at=when("authorized"),
        estimate_given_at=when("estimate_given"),
        booked_at=course.planned_at if course and appointments else None,
        held=len(ended),
        planned=knowledge.protocol(course.signature.file_id, course.signature.version).sessions
        if course
        else 0,
        last_held_at=max(ended, default=None),
        reviewed_at=when("reviewed"),
        closed_at=closed.at if closed and shut else None,
    )


@allowed(*EVERYONE)
@require_GET
def pipeline(request: StaffRequest) -> HttpResponse:
    """Columns by stage, the oldest risk on top. `mine=1` shows what waits for oneself."""
    now, mine = clock.now(), request.GET.get("mine") == "1"
    every = [r for r in rows(now) if not mine or r.owner == request.user]
    columns = [(id, name, [r for r in every if r.standing.stage == id]) for id, name in STAGES]
    context = {
        "columns": columns,
        "mine": mine,
        "count": sum(len(found) for _, _, found in columns),
        "closed": [
            r for r in every if r.standing.stage == "closed" and r.standing.since > now - CLOSED_SHOWN
        ],
        "staff": User.objects.filter(is_active=True).order_by("first_name"),
        "steps": STEPS,
        "reasons": REASONS,
        "decides": request.user.works_as in DECIDES,
    }
    return render(request, "staff/pipeline.html", context)


@allowed(*DESK, *DECIDES)
@require_POST
def pipeline_stage(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Says that a step was done, or closes somebody's way with the reason."""
    patient = get_object_or_404(Patient, id=patient_id)
    kind, text = request.POST.get("kind", ""), request.POST.get("text", "").strip()[:300]
    if kind not in dict(Milestone.KINDS) or kind in ("owner", "snoozed", "intake_completed"):
        raise ActionRefused("Choose one of the steps that are offered.")
    if kind in DECISIONS and request.user.works_as not in DECIDES:
        raise ActionRefused("Only a prescriber determines and reviews. The chart shows who is responsible.")
    if kind in ("closed", "determined") and len(text) < 2:
        raise ActionRefused("Say the reason, such as “cost” or “moved”.")
    last = patient.milestones.filter(kind=kind).last()
    if (
        last is None or last.text != text or clock.now() - last.at > timedelta(minutes=1)
    ):  # a double click is one
        Milestone.objects.create(patient=patient, kind=kind, text=text, by=request.user, at=clock.now())
    return redirect("pipeline")


@allowed(*EVERYONE)
@require_POST
def assign(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Another owner for somebody, and the check-ins they did not answer go along."""
    patient = get_object_or_404(Patient, id=patient_id)
    owner = get_object_or_404(User, id=request.POST.get("owner") or 0, is_active=True)
    if owner != patient.owner:
        text = f"{patient.owner.shown_name} → {owner.shown_name}"
        patient.owner = owner
        patient.save(update_fields=["owner"])
        StaffTask.objects.filter(course__patient=patient, done_at=None).update(owner=owner)
        Milestone.objects.create(patient=patient, kind="owner", text=text, by=request.user, at=clock.now())
    return redirect("pipeline")


@allowed(*EVERYONE)
@require_POST
def snooze(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Puts somebody off until a day, with the reason. An open alert cannot be put off."""
    patient = get_object_or_404(Patient, id=patient_id)
    why = request.POST.get("why", "").strip()[:300]
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
    except ValueError as error:
        raise ActionRefused("Give the day until which it waits.") from error
    if len(why) < 3 or until <= clock.now().date():
        raise ActionRefused("Give a day that lies ahead, and why it waits until then.")
    Milestone.objects.create(
        patient=patient, kind="snoozed", text=why, until=until, by=request.user, at=clock.now()
    )
    return redirect("pipeline")


@allowed(*EVERYONE)
@require_POST
def task_done(request: StaffRequest, patient_id: str) -> HttpResponse:
    """A check-in nobody answered was taken up by a person."""
    did = request.POST.get("done", "").strip()[:300]
    if len(did) < 5:
        raise ActionRefused("Write what was done, such as “called, will answer tonight”.")
    StaffTask.objects.filter(course__patient_id=patient_id, done_at=None).update(
        done_at=clock.now(), resolution=did
    )
    return redirect("pipeline")
