"""What became of the people treated: response and remission, with denominators.

In: courses and the scale they were measured by. Out: `CourseOutcome`, `ClinicOutcomes`; missing is never imputed.
"""

from .outcomes import ClinicOutcomes, CourseOutcome, clinic_outcomes, course_outcome

__all__ = ["ClinicOutcomes", "CourseOutcome", "clinic_outcomes", "course_outcome"]
