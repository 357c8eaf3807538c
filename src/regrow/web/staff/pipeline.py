"""The pipeline: active patients by stage, with owner, time in stage and next step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from regrow.course import STAGES, CareJourney, JourneyStatus, journey_status
from regrow.web.accounts.api import DECIDES, DESK, EVERYONE, StaffRequest, User
from regrow.web.alerts.api import SafetyAlert
from regrow.web.conversations.api import Inquiry
from regrow.web.courses.api import StaffTask
from regrow.web.patients.api import Milestone, Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed

from .journeys import statuses

CLOSED_SHOWN = timedelta(days=30)
# Milestones that front desk or only a prescriber may record, by stage.
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
    """One patient of the pipeline; `danger` is an open alert, `tasks` open staff tasks."""

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
    """Return open inquiries, active patients, and recently closed ones."""
    today = clock.clinic_day(now)
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
    # Of closed patients only the last weeks are loaded: over the years they outnumber the active ones.
    last = Milestone.objects.filter(patient=OuterRef("pk"), kind__in=["closed", "reopened"]).order_by(
        "-at", "-id"
    )
    known = Patient.objects.annotate(
        last_kind=Subquery(last.values("kind")[:1]), last_at=Subquery(last.values("at")[:1])
    ).filter(Q(last_kind__isnull=True) | Q(last_kind="reopened") | Q(last_at__gte=now - CLOSED_SHOWN))
    for patient, status in statuses(known, now):
        found.append(
            Row(
                id=str(patient.id),
                name=patient.name,
                link=reverse("chart", args=[patient.id]),
                owner=patient.owner,
                standing=status,
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


@allowed(*EVERYONE)
@require_GET
def pipeline(request: StaffRequest) -> HttpResponse:
    """Show columns by stage, highest risk first. `mine=1` shows the user's own."""
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
    """Record a milestone, or close the chart with a reason."""
    patient = get_object_or_404(Patient, id=patient_id)
    kind, text = request.POST.get("kind", ""), request.POST.get("text", "").strip()[:300]
    if kind not in dict(Milestone.KINDS) or kind in ("owner", "snoozed", "intake_completed"):
        raise ActionRefused("Choose one of the listed steps.")
    if kind in DECISIONS and request.user.works_as not in DECIDES:
        raise ActionRefused("Only a prescriber can record this step.")
    if kind in ("closed", "determined") and len(text) < 2:
        raise ActionRefused("Enter a reason, such as “cost” or “moved”.")
    last = patient.milestones.filter(kind=kind).last()
    if (
        last is None or last.text != text or clock.now() - last.at > timedelta(minutes=1)
    ):  # a double click is one
        Milestone.objects.create(patient=patient, kind=kind, text=text, by=request.user, at=clock.now())
    return redirect("pipeline")


@allowed(*EVERYONE)
@require_POST
def assign(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Assign another owner to a patient and their open tasks."""
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
    """Snooze a patient until a day, with a reason; not while an alert is open."""
    patient = get_object_or_404(Patient, id=patient_id)
    why = request.POST.get("why", "").strip()[:300]
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
    except ValueError as error:
        raise ActionRefused("Enter a date.") from error
    if len(why) < 3 or until <= clock.clinic_today():
        raise ActionRefused("Enter a date in the future and a reason.")
    Milestone.objects.create(
        patient=patient, kind="snoozed", text=why, until=until, by=request.user, at=clock.now()
    )
    return redirect("pipeline")


@allowed(*EVERYONE)
@require_POST
def task_done(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Close a staff task with what was done."""
    did = request.POST.get("done", "").strip()[:300]
    if len(did) < 5:
        raise ActionRefused("Enter what was done, such as “called, will answer tonight”.")
    StaffTask.objects.filter(course__patient_id=patient_id, done_at=None).update(
        done_at=clock.now(), resolution=did
    )
    return redirect("pipeline")
