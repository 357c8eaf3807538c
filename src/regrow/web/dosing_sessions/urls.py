"""Addresses of dosing sessions; each view names who may open it."""

from django.urls import path

from . import at_home, board, monitor_views, rems, views

urlpatterns = [
    path("h/<str:token>/", at_home.page, name="home-session"),
    path("h/<str:token>/say/", at_home.say, name="home-say"),
    path("patients/<uuid:patient_id>/sessions/<uuid:session_id>/", views.session, name="session"),
    path("patients/<uuid:patient_id>/sessions/<uuid:session_id>/log/", views.session_log, name="session-log"),
    path(
        "patients/<uuid:patient_id>/sessions/<uuid:session_id>/note/", views.session_note, name="session-note"
    ),
    path(
        "patients/<uuid:patient_id>/sessions/<uuid:session_id>/events/", views.add_events, name="add-events"
    ),
    path("patients/<uuid:patient_id>/sessions/<uuid:session_id>/override/", views.override, name="override"),
    path("patients/<uuid:patient_id>/sessions/<uuid:session_id>/rems/", rems.form, name="rems-form"),
    path("patients/<uuid:patient_id>/sessions/<uuid:session_id>/rems.pdf", rems.pdf, name="rems-pdf"),
    path(
        "patients/<uuid:patient_id>/sessions/<uuid:session_id>/rems.json", rems.structured, name="rems-json"
    ),
    path(
        "patients/<uuid:patient_id>/sessions/<uuid:session_id>/monitors/",
        monitor_views.monitors,
        name="monitors",
    ),
    path("rems/", rems.due, name="rems"),
    path("sessions/log/", board.sessions_log, name="sessions-log"),
    path("sessions/live/", views.live_stream, name="sessions-live"),
    path("sessions/presence/", views.presence, name="presence"),
    path("witness/", views.witness, name="witness"),
    path("monitors/hl7/", monitor_views.hl7, name="monitors-hl7"),
    path("monitors/fhir/", monitor_views.fhir, name="monitors-fhir"),
    path("worker.js", views.worker, name="worker"),
]
