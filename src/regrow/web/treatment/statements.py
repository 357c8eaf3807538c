"""Clinicians' statements about a course, and who may make them."""

from regrow.dosing import BASES, BadWeight, dosing_weight
from regrow.web.accounts.api import Role, User
from regrow.web.audit import api as audit
from regrow.web.courses.api import ClinicianStatement, Course
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge

from .course_builder import build_course

_SWITCHES = ("estimate_off", "estimate_on")


def toggle_estimate(*, on: bool, text: str, by: User, course: Course | None = None) -> ClinicianStatement:
    """Show or hide the model estimate, for one course or the clinic. Medical director only."""
    if by.works_as != Role.DIRECTOR:
        raise ActionRefused("Only the medical director can show or hide the model estimate.")
    if not text.strip():
        raise ActionRefused("Enter a sentence. It is saved in the chart.")
    return _save(course, "estimate_on" if on else "estimate_off", "", text, by, None)


def record_statement(
    course: Course, *, kind: str, about: str, text: str, by: User, once: str | None = None
) -> ClinicianStatement:
    """Record a statement; idempotent by `once`. Raises `ActionRefused` naming the fix."""
    if once:
        known = ClinicianStatement.objects.filter(id=once).first()
        if known:
            return known
    if kind not in dict(ClinicianStatement.KINDS):
        raise ActionRefused("Choose a statement.")
    if not text.strip():
        raise ActionRefused("Enter a sentence. It is saved in the chart.")
    if kind in _SWITCHES:
        return toggle_estimate(on=kind == "estimate_on", text=text, by=by, course=course)
    core = build_course(course)
    if kind == "clearance" and about not in {d.session_id for d in core.doses if not d.tolerated}:
        raise ActionRefused("Choose the session that was not well tolerated.")
    if kind == "weight_basis":
        if about not in BASES:
            raise ActionRefused(f"Choose one of {', '.join(BASES)}.")
        try:
            if core.weight is not None:
                weights = knowledge.dosing_weights()
                dosing_weight(
                    about, core.weight.kg, weights, height_cm=core.about.height_cm, sex=core.about.sex
                )
        except BadWeight as why_not:
            raise ActionRefused(str(why_not)) from why_not
    return _save(course, kind, about, text, by, once)


def _save(
    course: Course | None, kind: str, about: str, text: str, by: User, once: str | None
) -> ClinicianStatement:
    word = ClinicianStatement.objects.create(
        **({"id": once} if once else {}),
        course=course,
        kind=kind,
        about=about,
        text=text.strip(),
        by=by,
        at=clock.now(),
    )
    audit.append(
        who=by.username,
        role=by.role,
        action="write",
        what=f"treatment: {word.get_kind_display()}",
        patient=str(course.patient_id) if course else "",
        why=word.text,
    )
    return word
