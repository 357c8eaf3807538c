"""Response and remission of courses, with denominators.

Input: courses and their scale. Output: `CourseOutcome`, `ClinicOutcomes`; missing data are never imputed.
"""

from .outcomes import ClinicOutcomes, CourseOutcome, clinic_outcomes, course_outcome

__all__ = ["ClinicOutcomes", "CourseOutcome", "clinic_outcomes", "course_outcome"]
