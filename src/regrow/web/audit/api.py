"""What other apps may use of audit."""

from .access_log import access_log
from .log import append, record, verify
from .models import AuditRow
from .verification import last_verification, register_chain

__all__ = [
    "AuditRow",
    "access_log",
    "append",
    "last_verification",
    "record",
    "register_chain",
    "verify",
]
