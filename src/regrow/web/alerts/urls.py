"""Addresses of alerts; each view names who may open it."""

from django.urls import path

from . import views

urlpatterns = [
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/resolve/", views.resolve_alert, name="resolve-alert"),
    path("alerts/<uuid:alert_id>/acknowledge/", views.acknowledge_alert, name="acknowledge-alert"),
    path("alerts/<uuid:alert_id>/attempt/", views.record_attempt, name="record-attempt"),
]
