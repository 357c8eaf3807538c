"""What other apps may use of alerts."""

from .escalation import escalation_minutes
from .models import OnCallShift, SafetyAlert
from .services import alerts_of, on_call, open_alerts, raise_alert, responsible_clinician

__all__ = [
    "OnCallShift",
    "SafetyAlert",
    "alerts_of",
    "escalation_minutes",
    "on_call",
    "open_alerts",
    "raise_alert",
    "responsible_clinician",
]
