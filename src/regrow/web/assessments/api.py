"""What other apps may use of assessments."""

from .answering import QuestionStep, question_steps, save_answer
from .forms import BirthDateForm
from .intake_questions import PreVisitAnswers, intake_questions, pre_visit_answers
from .links import LINK_DAYS, make_link, send_intake_form, send_portal_link, send_video_link
from .models import IntakeQuestionnaire, QuestionnaireResponse, SecureLink
from .responses import (
    alert_source,
    ask_for_score,
    chart_scores,
    completed_responses,
    course_scores,
    on_completed,
    record_clinician_rating,
    score_response,
    score_summary,
    send_questionnaire,
)
from .secure_links import count_wrong_birth_date, find_link, has_link

__all__ = [
    "LINK_DAYS",
    "BirthDateForm",
    "IntakeQuestionnaire",
    "PreVisitAnswers",
    "QuestionStep",
    "QuestionnaireResponse",
    "SecureLink",
    "alert_source",
    "ask_for_score",
    "chart_scores",
    "completed_responses",
    "count_wrong_birth_date",
    "course_scores",
    "find_link",
    "has_link",
    "intake_questions",
    "make_link",
    "on_completed",
    "pre_visit_answers",
    "question_steps",
    "record_clinician_rating",
    "save_answer",
    "score_response",
    "score_summary",
    "send_intake_form",
    "send_portal_link",
    "send_questionnaire",
    "send_video_link",
]
