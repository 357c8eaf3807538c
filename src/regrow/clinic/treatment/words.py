"""What a clinician puts on record about a course, and whether they may."""

from regrow.clinic.accounts.models import User
from regrow.clinic.accounts.roles import Role
from regrow.clinic.audit import log
from regrow.clinic.site import clock
from regrow.clinic.site.access import Refused
from regrow.dosing import BASES, BadWeight, dosing_weight

from .models import Course, Word
from .record import core_course

_SWITCHES = ("estimate_off", "estimate_on")


def switch_estimate(*, on: bool, text: str, by: User, course: Course | None = None) -> Word:
    """Shows the model's estimate or not, for one course or for the clinic. Only the medical director may."""
    if by.works_as != Role.DIRECTOR:
        raise Refused("The medical director decides whether the model's estimate is shown.")
    if not text.strip():
        raise Refused("Write a sentence: it is kept in the chart.")
    return _keep(course, "estimate_on" if on else "estimate_off", "", text, by, None)


def put_word(course: Course, *, kind: str, about: str, text: str, by: User, once: str | None = None) -> Word:
    """Writes it down once, however often it is sent. Raises `Refused` with what would satisfy it."""
    if once:
        known = Word.objects.filter(id=once).first()
        if known:
            return known
    if kind not in dict(Word.KINDS):
        raise Refused("Choose what to put on record.")
    if not text.strip():
        raise Refused("Write a sentence: it is kept in the chart.")
    if kind in _SWITCHES:
        return switch_estimate(on=kind == "estimate_on", text=text, by=by, course=course)
    core = core_course(course)
    if kind == "clearance" and about not in {d.session_id for d in core.doses if not d.tolerated}:
        raise Refused("Choose the session that was not well tolerated.")
    if kind == "weight_basis":
        if about not in BASES:
            raise Refused(f"Choose one of {', '.join(BASES)}.")
        try:
            if core.weight is not None:
                dosing_weight(about, core.weight.kg, height_cm=core.about.height_cm, sex=core.about.sex)
        except BadWeight as why_not:
            raise Refused(str(why_not)) from why_not
    return _keep(course, kind, about, text, by, once)


def _keep(course: Course | None, kind: str, about: str, text: str, by: User, once: str | None) -> Word:
    word = Word.objects.create(
        **({"id": once} if once else {}),
        course=course,
        kind=kind,
        about=about,
        text=text.strip(),
        by=by,
        at=clock.now(),
    )
    log.append(
        who=by.username,
        role=by.role,
        action="write",
        what=f"treatment: {word.get_kind_display()}",
        patient=str(course.patient_id) if course else "",
        why=word.text,
    )
    return word
