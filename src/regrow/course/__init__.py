"""A course of treatment as a value: its scores, its doses, and what follows from them.

In: a patient's scores and sessions. Out: `Course`, its baseline, what is due before the next session.
"""

from .course import Course, CourseScore, GivenDose, baseline, latest_score, score_due_from

__all__ = ["Course", "CourseScore", "GivenDose", "baseline", "latest_score", "score_due_from"]
