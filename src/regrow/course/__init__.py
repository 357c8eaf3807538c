"""A course of treatment as a value: its scores, its doses, and what follows from them.

In: a patient's scores and sessions, as records or as JSON. Out: `Course`, what was known of it at a moment, its baseline.
"""

from .checks import DueCheck, due_checks
from .codec import BadCourse, course_as_json, course_from_json
from .course import (
    MEDICINES,
    WORDS,
    About,
    Course,
    CourseScore,
    GivenDose,
    MedicineChange,
    SafetyAlert,
    Signed,
    Weighed,
    Word,
    as_of,
    baseline,
    latest_score,
)
from .pipeline import STAGES, Standing, Way, standing

__all__ = [
    "MEDICINES",
    "STAGES",
    "WORDS",
    "About",
    "BadCourse",
    "Course",
    "CourseScore",
    "DueCheck",
    "GivenDose",
    "MedicineChange",
    "SafetyAlert",
    "Signed",
    "Standing",
    "Way",
    "Weighed",
    "Word",
    "as_of",
    "baseline",
    "course_as_json",
    "course_from_json",
    "due_checks",
    "latest_score",
    "standing",
]
