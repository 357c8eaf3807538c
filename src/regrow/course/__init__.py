"""A treatment course as values: scores, doses, baseline.

Input: a patient's scores and sessions, as records or JSON. Output: `TreatmentCourse`, also as known at a moment.
"""

from .care_journey import STAGES, CareJourney, JourneyStatus, journey_status
from .codec import BadCourse, course_as_json, course_from_json
from .course import (
    MEDICINES,
    WORDS,
    AdministeredDose,
    AlertRecord,
    ClinicianStatement,
    CourseScore,
    MedicineChange,
    PatientFactors,
    Signed,
    TreatmentCourse,
    WeightRecord,
    as_of,
    baseline,
    latest_score,
)
from .monitoring_checks import DueCheck, due_checks

__all__ = [
    "MEDICINES",
    "STAGES",
    "WORDS",
    "AdministeredDose",
    "AlertRecord",
    "BadCourse",
    "CareJourney",
    "ClinicianStatement",
    "CourseScore",
    "DueCheck",
    "JourneyStatus",
    "MedicineChange",
    "PatientFactors",
    "Signed",
    "TreatmentCourse",
    "WeightRecord",
    "as_of",
    "baseline",
    "course_as_json",
    "course_from_json",
    "due_checks",
    "journey_status",
    "latest_score",
]
