"""Build a course from the records, now or as known at an earlier moment."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from regrow.chart import Chart, CriterionStatus
from regrow.course import ClinicianStatement, MedicineChange, PatientFactors, Signed, WeightRecord
from regrow.course import TreatmentCourse as CoreCourse
from regrow.course import as_of as known_of
from regrow.eligibility import assess_trial
from regrow.knowledge import FailedTrials, InfusionProtocol, LookCondition
from regrow.web.alerts.api import alerts_of
from regrow.web.assessments.api import course_scores
from regrow.web.courses.api import Course
from regrow.web.dosing_sessions.api import administered_doses
from regrow.web.patients.api import ClinicalFact, chart_of
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge

from .models import DoseDecision

# Eligibility file ids for elevated blood pressure and a failed trial.
_PRESSURE, _FAILED = "hypertension", "trd-clinic"


def build_course(course: Course, at: datetime | None = None) -> CoreCourse:
    """Return scores, doses, alerts, statements, weights and medications of a course, as known at `at` or now."""
    moment = at or clock.now()
    patient, signature = course.patient, course.signature
    chart = chart_of(patient, at=moment)
    alerts = alerts_of(patient)
    # Resolving an alert documents contact with the patient.
    spoken = [ClinicianStatement(f"alert-{a.id}", "contact", a.closed_at) for a in alerts if a.closed_at]
    words = list(course.words.filter(at__lte=moment))
    basis = [w.about for w in words if w.kind == "weight_basis"]
    protocol = knowledge.protocol(signature.file_id, signature.version)
    start = protocol.weight_basis if isinstance(protocol, InfusionProtocol) else "actual"
    return known_of(
        CoreCourse(
            id=str(course.id),
            protocol_id=signature.file_id,
            scores=course_scores(patient),
            doses=administered_doses(course, moment),
            alerts=alerts,
            signed=Signed(
                str(signature.id),
                signature.file_id,
                signature.version,
                signature.values,
                signature.signed_at,
            ),
            words=[
                *(
                    ClinicianStatement(str(w.id), w.kind, w.at, w.about)
                    for w in words
                    if w.kind != "weight_basis"
                ),
                *spoken,
                *_reviews(course),
            ],
            weights=[
                WeightRecord(m.id, m.value, m.at)
                for m in chart.measurements
                if m.kind == "weight" and m.unit == "kg"
            ],
            medicines=_changes(course, moment),
            about=_about(course, chart, moment, (*basis[-1:], start)[0]),
        ),
        moment,
    )


def _reviews(course: Course) -> Sequence[ClinicianStatement]:
    """Return review decisions, each ordered after the suggestion it answers."""
    made = DoseDecision.objects.filter(appointment__course=course, suggested__rule__outcome="review")
    return [
        ClinicianStatement(f"decision-{d.id}", "review", d.signed_at + timedelta(microseconds=1))
        for d in made
    ]


def _about(course: Course, chart: Chart, moment: datetime, basis: str) -> PatientFactors:
    today = clock.clinic_day(moment)
    height = chart.latest("height")
    return PatientFactors(
        age_years=chart.age_years(today),
        sex=chart.sex,
        height_cm=height.value if height and height.unit == "cm" else None,
        failed_trials=_failed(chart),
        hypertension=_hypertension(chart),
        antidepressant=_takes_antidepressant(chart),
        weight_basis=basis,
    )


def _failed(chart: Chart) -> int | None:
    """Count adequate antidepressant trials without response, by the clinic's own definition."""
    rules = knowledge.candidacy_rules()
    rule = next((d.rule for d in rules.definitions if d.id == _FAILED), None)
    if not isinstance(rule, FailedTrials) or not chart.trials:
        return None
    judged = [assess_trial(trial, rule, rules.formulary) for trial in chart.trials]
    return sum(1 for one in judged if one.counts is CriterionStatus.MET)


def _hypertension(chart: Chart) -> bool | None:
    if not chart.conditions:
        return None
    criterion = next((c for c in knowledge.candidacy_rules().criteria if c.id == _PRESSURE), None)
    looks = [look for look in (criterion.look_for if criterion else ()) if isinstance(look, LookCondition)]
    return any(c.active and look.means(c.text, c.icd10, c.snomed) for c in chart.conditions for look in looks)


def _takes_antidepressant(chart: Chart) -> bool | None:
    if not chart.medicines:
        return None
    return any(m.active and "antidepressant" in _roles(m.text, m.rxnorm) for m in chart.medicines)


def _roles(text: str, rxnorm: str) -> frozenset[str]:
    drug = knowledge.formulary().find(text, rxnorm).drug
    return drug.roles if drug else frozenset()


def _changes(course: Course, moment: datetime) -> Sequence[MedicineChange]:
    """Return medications started or stopped since the course was planned that affect the dose."""
    facts = ClinicalFact.objects.filter(
        patient=course.patient,
        kind="medicine",
        recorded_at__gt=course.planned_at,
        recorded_at__lte=moment,
    )
    return [change for fact in facts if (change := _change(fact.data, str(fact.id), fact.recorded_at))]


def _change(data: Mapping[str, object], id: str, at: datetime) -> MedicineChange | None:
    text, rxnorm = str(data.get("text", "")), str(data.get("rxnorm", ""))
    drug = knowledge.formulary().find(text, rxnorm).drug
    if drug is None:
        return None
    now = "started" if data.get("active", True) else "stopped"
    if "antidepressant" in drug.roles:
        return MedicineChange(id, f"antidepressant_{now}", at, text)
    looked_for = [rule.medicines for rule in knowledge.candidacy_rules().interactions]
    if any(drug.id in look.ids or drug.drug_class in look.classes for look in looked_for):
        return MedicineChange(id, f"interacting_{now}", at, text)
    return None
