"""Signed consents."""

from regrow.web.platform.content import knowledge

from .models import Patient, SignedConsent

CONSENT = "treatment"


def consent_in_force(patient: Patient) -> SignedConsent | None:
    """Return the signature of the current consent version, if any."""
    text = knowledge.consent(CONSENT)
    return patient.consents.filter(consent=text.id, version=text.version).last()
