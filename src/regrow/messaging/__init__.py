"""Reaching people: what a message of theirs says, when one of ours may go, which is due, and whom an alert reaches.

In: rules from `knowledge`, what has happened, and the moment. Out: what is to be done now and when to look again. It
sends nothing and keeps nothing.
"""

from .escalation import DueNotification, due_notifications
from .outreach import (
    CompletedForm,
    CreateTask,
    OutreachHistory,
    OutreachPlan,
    SendMessage,
    SentMessage,
    SessionTimes,
    plan_outreach,
)
from .quiet_hours import is_contactable, next_contactable_time
from .screening import MessageSignals, render_message, screen_message

__all__ = [
    "CompletedForm",
    "CreateTask",
    "DueNotification",
    "MessageSignals",
    "OutreachHistory",
    "OutreachPlan",
    "SendMessage",
    "SentMessage",
    "SessionTimes",
    "due_notifications",
    "is_contactable",
    "next_contactable_time",
    "plan_outreach",
    "render_message",
    "screen_message",
]
