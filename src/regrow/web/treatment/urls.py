"""Addresses of treatment; each view names who may open it."""

from django.urls import path

from . import monitoring_checks, outcome_views, protocol_views, views

urlpatterns = [
    path("patients/<uuid:patient_id>/dosing/", views.dosing, name="dosing"),
    path("patients/<uuid:patient_id>/dosing/decide/", views.decide, name="decide"),
    path("patients/<uuid:patient_id>/statements/", views.record_statement_view, name="record-statement"),
    path("patients/<uuid:patient_id>/ask-score/", views.request_score, name="request-score"),
    path("protocols/", protocol_views.protocols, name="protocols"),
    path("protocols/monitoring/", monitoring_checks.checks, name="monitoring-checks"),
    path("protocols/estimate/", protocol_views.estimate_switch, name="estimate-switch"),
    path("protocols/<slug:protocol_id>/shadow/", outcome_views.shadow, name="shadow"),
    path("protocols/<slug:protocol_id>/sign/", protocol_views.sign_protocol, name="sign-protocol"),
    path("outcomes/", outcome_views.outcomes, name="outcomes"),
    path("outcomes/dose-response/", outcome_views.dose_response, name="dose-response"),
]
