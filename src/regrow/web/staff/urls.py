"""Addresses of staff; each view names who may open it."""

from django.urls import path

from . import (
    audit_log,
    calendar,
    chart,
    design_system,
    escalation,
    inbox,
    inquiries,
    pipeline,
    rules,
    sessions_today,
    today,
)

urlpatterns = [
    path("today/", today.today, name="today"),
    path("pipeline/", pipeline.pipeline, name="pipeline"),
    path("patients/<uuid:patient_id>/stage/", pipeline.pipeline_stage, name="pipeline-stage"),
    path("patients/<uuid:patient_id>/assign/", pipeline.assign, name="assign"),
    path("patients/<uuid:patient_id>/snooze/", pipeline.snooze, name="snooze"),
    path("patients/<uuid:patient_id>/task/", pipeline.task_done, name="task-done"),
    path("inquiries/", inquiries.inquiries, name="inquiries"),
    path("inquiries/<uuid:inquiry_id>/", inquiries.inquiry, name="inquiry"),
    path("inquiries/<uuid:inquiry_id>/close/", inquiries.close_inquiry, name="close-inquiry"),
    path("messages/", inbox.messages, name="messages"),
    path("messages/sent/", inquiries.sent_messages, name="sent-messages"),
    path("messages/<uuid:contact_id>/", inbox.conversation, name="conversation"),
    path("messages/<uuid:contact_id>/reply/", inbox.reply, name="reply"),
    path("messages/<uuid:contact_id>/link/", inbox.link_patient, name="link-patient"),
    path("patients/<uuid:patient_id>/message/", inbox.message_patient, name="message-patient"),
    path("patients/", chart.patients, name="patients"),
    path("patients/<uuid:patient_id>/", chart.chart, name="chart"),
    path("patients/<uuid:patient_id>/eligibility/", chart.eligibility, name="eligibility"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("sessions/", sessions_today.sessions_today, name="sessions"),
    path("sessions/<uuid:appointment_id>/open/", sessions_today.open_session, name="open-session"),
    path("alerts/escalation/", escalation.escalation, name="escalation"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<slug:file_kind>/<slug:file_id>/", rules.rule, name="rule"),
    path("rules/<slug:file_kind>/<slug:file_id>/sign/", rules.sign_rule, name="sign-rule"),
    path("audit/", audit_log.audit_log, name="audit"),
    path("design-system/", design_system.design_system, name="design-system"),
]
