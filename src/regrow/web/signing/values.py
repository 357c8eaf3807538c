"""Values signed by the medical director: the ones in force, and signing new ones."""

from collections.abc import Mapping
from datetime import datetime

from regrow.web.accounts.api import User
from regrow.web.platform import clock
from regrow.web.platform.content import knowledge

from .models import SignedValues, digest_of


def in_force(kind: str, file_id: str, version: int, at: datetime | None = None) -> SignedValues | None:
    """Return the values signed last for one version of a file, now or at a moment; None while none are signed.

    Values signed for another version, or for another text of this version, never count: the file may ask for others.
    """
    digest = digest_of(knowledge.document(kind, file_id, version))
    signed = SignedValues.objects.filter(kind=kind, file_id=file_id, version=version, digest=digest)
    if at is not None:
        signed = signed.filter(signed_at__lte=at)
    return signed.order_by("-signed_at", "-id").first()


def protocol_in_force(protocol_id: str) -> SignedValues | None:
    """Return the clinical limits signed for the current version of a protocol, or None."""
    return in_force("protocol", protocol_id, knowledge.protocol(protocol_id).version)


def sign_values(
    kind: str, file_id: str, version: int, values: Mapping[str, str], *, by: User
) -> SignedValues:
    """Sign values for one version of a file; they are in force from now on."""
    return SignedValues.objects.create(
        kind=kind, file_id=file_id, version=version, values=dict(values), signed_by=by, signed_at=clock.now()
    )
