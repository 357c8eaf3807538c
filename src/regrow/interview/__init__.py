"""The first talk: how far it has come, what is missing before it can end, and its note in prose.

In: the guide from the knowledge, what was written and arranged (`Talk`), the chart and its determinations.
Out: `Progress` for each section, `missing` as needs of the guide, and `note` as titled paragraphs.
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
