"""What other apps may use of signing."""

from .files import sign_file, signatures_of, signed_files, versions_of
from .models import SignedValues, digest_of
from .values import in_force, protocol_in_force, sign_values

__all__ = [
    "SignedValues",
    "digest_of",
    "in_force",
    "protocol_in_force",
    "sign_file",
    "sign_values",
    "signatures_of",
    "signed_files",
    "versions_of",
]
