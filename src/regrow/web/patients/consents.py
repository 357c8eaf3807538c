"""Before the first talk, by link: one question a screen, each saved at its tap. And the consent, read and signed."""

from regrow.web.platform.content import knowledge

from .models import Patient, SignedConsent

CONSENT = "treatment"


def consent_in_force(patient: Patient) -> SignedConsent | None:
    """The signature under the consent's version in force, if there is one."""
    text = knowledge.consent(CONSENT)
    return patient.consents.filter(consent=text.id, version=text.version).last()
