"""What other apps may use of courses."""

from .models import ClinicianStatement, Course, StaffTask
from .services import close_courses, current_course, instrument_of, protocol_of, rule_of, titrated

__all__ = [
    "ClinicianStatement",
    "Course",
    "StaffTask",
    "close_courses",
    "current_course",
    "instrument_of",
    "protocol_of",
    "rule_of",
    "titrated",
]
