"""The intake visit: completeness, what is needed before it can end, and its note in prose.

Input: the visit guide, the visit's entries (`IntakeVisit`), the chart and its determinations. Output: `Progress` per
section, `missing` as the guide's needs, and `note` as titled paragraphs.
"""

from .completeness import Progress, missing, progress, questions, unanswered_questions
from .note import NoteSection, note, text_of
from .visit import IntakeVisit, VisitArrival

__all__ = [
    "IntakeVisit",
    "NoteSection",
    "Progress",
    "VisitArrival",
    "missing",
    "note",
    "progress",
    "questions",
    "text_of",
    "unanswered_questions",
]
