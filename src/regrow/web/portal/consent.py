"""Consent page: read, and sign with one's full name."""

import hashlib

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from regrow.knowledge import Consent
from regrow.web.accounts.api import ChartRequest
from regrow.web.assessments.api import SecureLink, has_link
from regrow.web.dosing_sessions.api import DosingSession
from regrow.web.patients.api import CONSENT, Patient, SignedConsent
from regrow.web.platform import clock
from regrow.web.platform.access import ActionRefused
from regrow.web.platform.content import knowledge
from regrow.web.platform.evidence_figures import plain_figures

from .forms import ConsentForm


@has_link("page")
def consent(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Show and sign the consent; never on the day of an open session."""
    patient, text = link.patient, knowledge.consent(CONSENT)
    words = text.texts[patient.language if patient.language in text.texts else "en"]
    signed = patient.consents.filter(consent=text.id, version=text.version).last()
    form = ConsentForm(patient, request.POST if request.method == "POST" and signed is None else None)
    if form.submit(lambda data: _sign(patient, text, data["name"])):
        return redirect("consent", token=token)
    context = {
        "token": token,
        "words": words,
        "sections": [(title, plain_figures(body)) for title, body in words.sections],
        "text": text,
        "signed": signed,
        "form": form,
        "patient": patient,
    }
    return render(request, "portal/consent.html", context, status=form.status)


def _sign(patient: Patient, text: Consent, name: str) -> None:
    if DosingSession.objects.filter(appointment__course__patient=patient, closed_at__isnull=True).exists():
        raise ActionRefused(_("You can't sign on the day of a session. You can sign here another day."))
    language = patient.language if patient.language in text.texts else "en"
    words = text.texts[language]
    whole = "\n".join([words.title, *(f"{t}\n{b}" for t, b in words.sections), words.agree])
    try:
        with transaction.atomic():
            SignedConsent.objects.create(
                patient=patient,
                consent=text.id,
                version=text.version,
                language=language,
                text_hash=hashlib.sha256(whole.encode()).hexdigest(),
                name=name,
                at=clock.now(),
            )
    except IntegrityError:  # pragma: no cover - a second tap at the same moment
        return
