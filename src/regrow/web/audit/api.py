"""What other apps may use of audit."""

from .log import append, record, verify
from .models import AuditRow

__all__ = [
    "AuditRow",
    "append",
    "record",
    "verify",
]
