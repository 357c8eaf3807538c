"""What other apps may use of treatment."""

from .course_builder import build_course
from .decisions import sign_decision, suggestion_of
from .models import DoseDecision
from .orders import order_event_data, order_is_stale, signed_order
from .replay import replayed, shadow
from .services import aftercare_window, chart_course
from .sessions import open_session
from .statements import record_statement

__all__ = [
    "DoseDecision",
    "aftercare_window",
    "build_course",
    "chart_course",
    "open_session",
    "order_event_data",
    "order_is_stale",
    "record_statement",
    "replayed",
    "shadow",
    "sign_decision",
    "signed_order",
    "suggestion_of",
]
