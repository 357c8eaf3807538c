"""Phone check-in: the carrier calls, requests what to say, and posts the keys."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regrow.web.accounts.api import MachineRequest
from regrow.web.assessments.api import (
    QuestionStep,
    SecureLink,
    count_wrong_birth_date,
    find_link,
    question_steps,
    save_answer,
)
from regrow.web.conversations.api import signed_form
from regrow.web.platform.access import by_signature

VOICES = {"en": "en-US", "es": "es-MX"}
CRISIS_LINE = "988"
View = Callable[..., str]


def _in_a_call(view: View) -> Callable[..., HttpResponse]:
    """Verify the carrier's signature and the link, set the patient's language, and wrap the reply in TwiML."""

    @by_signature
    @require_POST
    @wraps(view)
    def opened(request: MachineRequest, token: str, **more: Any) -> HttpResponse:
        form = signed_form(request)
        link = find_link(token, "checkin")
        if link is None:
            return _answer(_say(_("This link has ended. Call us, and we send a new one."), "en"))
        request.about = str(link.patient_id)
        with translation.override(link.patient.language):
            return _answer(view(link, token, form, **more))

    return opened


def _answer(inside: str) -> HttpResponse:
    text = f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'
    return HttpResponse(text, content_type="text/xml")


def _say(text: str, language: str | None = None) -> str:
    voice = VOICES.get(language or translation.get_language() or "en", "en-US")
    return f'<Say language="{voice}">{escape(text)}</Say>'


def _gather(text: str, digits: int, address: str) -> str:
    """Say a text and read keys; repeated once, then the call ends."""
    asked = (
        f'<Gather input="dtmf" numDigits="{digits}" timeout="20" method="POST" action="{address}">'
        f"{_say(text)}</Gather>"
    )
    return asked * 2 + _say(_("We didn't hear a response. We'll try again later, or our team will call you."))


@_in_a_call
def begin(link: SecureLink, token: str, form: dict[str, str]) -> str:
    """Greet, and ask for the date of birth."""
    if link.patient.birth_date is None:
        return _question(link, token, form)
    text = _(
        "Hello. This is your check-in, about two minutes. First your date of birth: key month, day and year, eight digits."
    )
    return _gather(text, 8, reverse("call-birth-date", args=[token]))


@_in_a_call
def birth_date(link: SecureLink, token: str, form: dict[str, str]) -> str:
    keyed = form.get("Digits", "")
    try:
        given = date(int(keyed[4:8]), int(keyed[:2]), int(keyed[2:4]))
    except ValueError:
        given = None
    if given is None or given != link.patient.birth_date:
        link = count_wrong_birth_date(link)
        if link.revoked_at:
            return _say(_("That date doesn't match our records. Our team will call you. Goodbye."))
        text = _("That date doesn't match our records. Please enter month, day and year again, eight digits.")
        return _gather(text, 8, reverse("call-birth-date", args=[token]))
    link.phone_call_state = form.get("CallSid", "")[:64]
    link.save(update_fields=["phone_call_state"])
    return _question(link, token, form)


@_in_a_call
def answer_key(link: SecureLink, token: str, form: dict[str, str], number: int) -> str:
    """Save one answer by key. A crisis answer is followed by help first."""
    if not _verified(link, form):
        return _say(_("This link has ended. Call us, and we send a new one."))
    steps = question_steps(link)
    if not 1 <= number <= len(steps) or steps[number - 1].sheet.completed_at:
        return _question(link, token, form)
    step = steps[number - 1]
    keys = _keys(step)
    if form.get("Digits") not in keys:
        return _question(link, token, form)
    if save_answer(step, keys[form["Digits"]]):
        text = _(
            "Thank you for telling us. You don't have to be alone with this. We've alerted our on-call clinician. "
            "Press 1 to speak with 988 now, 24/7. Press 2 to continue the check-in."
        )
        return _gather(text, 1, reverse("call-help", args=[token]))
    return _question(link, token, form)


@_in_a_call
def help_option(link: SecureLink, token: str, form: dict[str, str]) -> str:
    if form.get("Digits") == "1":
        return f"<Dial>{CRISIS_LINE}</Dial>"
    return _question(link, token, form)


def _verified(link: SecureLink, form: dict[str, str]) -> bool:
    """Whether the date of birth was entered in this call."""
    return link.patient.birth_date is None or bool(
        link.phone_call_state and link.phone_call_state == form.get("CallSid")
    )


def _keys(step: QuestionStep) -> dict[str, int]:
    """Map keys to answers: 1 is the first answer read."""
    return {str(n): option.score for n, option in enumerate(step.item.options, 1)}


def _question(link: SecureLink, token: str, form: dict[str, str]) -> str:
    if not _verified(link, form):
        return _say(_("This link has ended. Call us, and we send a new one."))
    steps = question_steps(link)
    number = next((n for n, s in enumerate(steps, 1) if s.answer is None), None)
    if number is None:
        return _say(_("Thank you, you're done. In a crisis, call or text 988, 24/7. Goodbye."))
    step = steps[number - 1]
    answers = " ".join(
        _("Press %(key)s for: %(answer)s.") % {"key": key, "answer": option.text}
        for key, option in zip(_keys(step), step.item.options, strict=True)
    )
    stem = f"{step.scale.stem} " if step.place == 0 and step.scale.stem else ""
    digits = len(str(len(step.item.options)))
    return _gather(f"{stem}{step.item.text}. {answers}", digits, reverse("call-key", args=[token, number]))
