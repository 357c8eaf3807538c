"""The pipeline: active patients by stage, with owner, time in stage and next step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_POST

from regrow.course import STAGES, CareJourney, JourneyStatus, journey_status
from regrow.web.accounts.api import DECIDES, DESK, EVERYONE, StaffRequest, User
from regrow.web.alerts.api import SafetyAlert, open_alerts
from regrow.web.appointments.api import cancel_all
from regrow.web.conversations.api import Inquiry
from regrow.web.courses.api import StaffTask, close_courses
from regrow.web.patients.api import Milestone, Patient
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused, allowed
from regrow.web.platform.forms import ServiceForm, sent_with

from .forms import AssignForm, CloseForm, SnoozeForm, StepForm, TaskDoneForm
from .journeys import statuses

CLOSED_SHOWN = timedelta(days=30)
# Milestones that front desk or only a prescriber may record, by stage.
STEPS = {
    "benefits": [("benefits", "Benefits verified")],
    "authorization": [("authorized", "Authorized, or not required")],
    "estimate": [("estimate_given", "Cost estimate given")],
}
DECISIONS = ("determined", "reviewed")


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
    """Columns by stage, the oldest risk on top. `mine=1` shows what waits for oneself."""
    return _board(request, mine=request.GET.get("mine") == "1")


def _board(
    request: StaffRequest,
    *,
    mine: bool = False,
    failed: ServiceForm | None = None,
    patient: Patient | None = None,
) -> HttpResponse:
    """The board; `failed` is a form of one patient's card that could not be saved."""
    now = clock.now()
    every = [r for r in rows(now) if not mine or r.owner == request.user]
    cards = CardFields(User.objects.filter(is_active=True).order_by("first_name"))
    tried = str(patient.id) if patient else ""
    columns = [
        (
            id,
            name,
            [(r, cards.of(r, failed if r.id == tried else None)) for r in every if r.standing.stage == id],
        )
        for id, name in STAGES
    ]
    context = {
        "columns": columns,
        "mine": mine,
        "count": sum(len(found) for _, _, found in columns),
        "closed": [
            r for r in every if r.standing.stage == "closed" and r.standing.since > now - CLOSED_SHOWN
        ],
        "steps": STEPS,
        "decides": request.user.works_as in DECIDES,
        "failed": failed,
        "failed_for": patient,
    }
    return render(request, "staff/pipeline.html", context, status=failed.status if failed else 200)


CARD = "00000000-card"  # the id of a card in fields rendered once


class CardFields:
    """The fields of each card's forms. Those not sent are rendered once for all cards; only their ids differ."""

    def __init__(self, staff: Iterable[User]) -> None:
        self._staff = list(staff)
        self._blank = {
            "done": _fields(TaskDoneForm(auto_id=f"done-{CARD}-%s")),
            "snooze": _fields(SnoozeForm(auto_id=f"snooze-{CARD}-%s")),
            "close": _fields(CloseForm(auto_id=f"close-{CARD}-%s")),
        }
        self._owners: dict[int, str] = {}

    def of(self, row: Row, failed: ServiceForm | None) -> Mapping[str, str | bool]:
        """The HTML of a card's fields by form, with the form that could not be saved in its place."""
        if row.owner.id not in self._owners:
            form = AssignForm(self._staff, auto_id=f"assign-{CARD}-%s", initial={"owner": row.owner.id})
            self._owners[row.owner.id] = _fields(form)
        blank = {**self._blank, "assign": self._owners[row.owner.id]}
        found = {name: mark_safe(html.replace(CARD, row.id)) for name, html in blank.items()}
        names = {TaskDoneForm: "done", AssignForm: "assign", SnoozeForm: "snooze", CloseForm: "close"}
        sent = next((name for form, name in names.items() if isinstance(failed, form)), "")
        if failed is not None and sent:
            found[sent] = _fields(failed)
        return {**found, "open": failed is not None}


def _fields(form: ServiceForm) -> SafeString:
    return mark_safe("".join(render_to_string("components/field.html", {"field": each}) for each in form))


@allowed(*DESK, *DECIDES)
@require_POST
def pipeline_stage(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Record a milestone, or close the chart with a reason."""
    patient = get_object_or_404(Patient, id=patient_id)
    closing = CloseForm(sent_with(request, "kind", "closed"), auto_id=f"close-{patient.id}-%s")
    form: ServiceForm = closing if closing.is_bound else StepForm(request.POST)
    if form.submit(lambda data: _record_step(request, patient, data.get("kind", "closed"), data["text"])):
        return redirect("pipeline")
    return _board(request, failed=form, patient=patient)


def _record_step(request: StaffRequest, patient: Patient, kind: str, text: str) -> None:
    if kind in DECISIONS and request.user.works_as not in DECIDES:
        raise ActionRefused(
            "Only a prescriber can record this step. The chart shows the patient's prescriber."
        )
    last = patient.milestones.filter(kind=kind).last()
    if (
        last is None or last.text != text or clock.now() - last.at > timedelta(minutes=1)
    ):  # a double click is one
        if kind == "closed":
            cancel_all(patient, f"The chart was closed: {text}")
            close_courses(patient)
        Milestone.objects.create(patient=patient, kind=kind, text=text, by=request.user, at=clock.now())


@allowed(*EVERYONE)
@require_POST
def assign(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Assign another owner to a patient and their open tasks."""
    patient = get_object_or_404(Patient, id=patient_id)
    staff = list(User.objects.filter(is_active=True).order_by("first_name"))
    form = AssignForm(staff, request.POST, auto_id=f"assign-{patient.id}-%s")
    if form.submit(lambda data: _assign(request, patient, User.objects.get(id=data["owner"]))):
        return redirect("pipeline")
    return _board(request, failed=form, patient=patient)


def _assign(request: StaffRequest, patient: Patient, owner: User) -> None:
    if owner != patient.owner:
        text = f"{patient.owner.shown_name} → {owner.shown_name}"
        patient.owner = owner
        patient.save(update_fields=["owner"])
        StaffTask.objects.filter(course__patient=patient, done_at=None).update(owner=owner)
        Milestone.objects.create(patient=patient, kind="owner", text=text, by=request.user, at=clock.now())


@allowed(*EVERYONE)
@require_POST
def snooze(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Snooze a patient until a day, with a reason; not while an alert is open."""
    patient = get_object_or_404(Patient, id=patient_id)
    form = SnoozeForm(request.POST, auto_id=f"snooze-{patient.id}-%s")
    if form.submit(lambda data: _snooze(request, patient, data["until"], data["why"])):
        return redirect("pipeline")
    return _board(request, failed=form, patient=patient)


def _snooze(request: StaffRequest, patient: Patient, until: date, why: str) -> None:
    if open_alerts(patient):
        raise ActionRefused(
            "A safety alert of this patient is open. Resolve it before you snooze the patient."
        )
    Milestone.objects.create(
        patient=patient, kind="snoozed", text=why, until=until, by=request.user, at=clock.now()
    )


@allowed(*EVERYONE)
@require_POST
def task_done(request: StaffRequest, patient_id: str) -> HttpResponse:
    """Mark the tasks of a missed check-in as done."""
    patient = get_object_or_404(Patient, id=patient_id)
    form = TaskDoneForm(request.POST, auto_id=f"done-{patient.id}-%s")
    waiting = StaffTask.objects.filter(course__patient=patient, done_at=None)
    if form.submit(lambda data: waiting.update(done_at=clock.now(), resolution=data["done"])):
        return redirect("pipeline")
    return _board(request, failed=form, patient=patient)
