"""Screen incoming messages, plan outreach, respect quiet hours, and schedule escalation.

Input: rules from `knowledge`, the history and the time. Output: what to do now and when to check again. Sends and
stores nothing.
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
