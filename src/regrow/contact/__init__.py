"""Reaching people: what a message of theirs says, when one of ours may go, which is due, and whom an alert reaches.

In: rules from `knowledge`, what has happened, and the moment. Out: what is to be done now and when to look again. It
sends nothing and keeps nothing.
"""

from .cadence import Answered, HandOver, Happened, Plan, Send, Sent, Sitting, plan
from .duty import Telling, tellings
from .hearing import Heard, heard, in_words
from .hours import awake, waking_from

__all__ = [
    "Answered",
    "HandOver",
    "Happened",
    "Heard",
    "Plan",
    "Send",
    "Sent",
    "Sitting",
    "Telling",
    "awake",
    "heard",
    "in_words",
    "plan",
    "tellings",
    "waking_from",
]
