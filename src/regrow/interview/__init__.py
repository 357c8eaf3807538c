"""The first talk: how far it has come, what is missing before it can end, and its note in prose.

In: the guide from the knowledge, what was written and arranged (`Talk`), the chart and its determinations.
Out: `Progress` for each section, `missing` as needs of the guide, and `note` as titled paragraphs.
"""

from .note import Part, note, text_of
from .progress import Progress, missing, progress, questions, still_open
from .talk import Arrival, Talk

__all__ = [
    "Arrival",
    "Part",
    "Progress",
    "Talk",
    "missing",
    "note",
    "progress",
    "questions",
    "still_open",
    "text_of",
]
