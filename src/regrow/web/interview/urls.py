"""Addresses of interview; each view names who may open it."""

from django.urls import path

from . import views, visit_views

urlpatterns = [
    path("patients/<uuid:patient_id>/intake-visit/", views.intake_visit, name="intake-visit"),
    path("patients/<uuid:patient_id>/intake-visit/start/", visit_views.start_visit_view, name="start-visit"),
    path(
        "patients/<uuid:patient_id>/intake-visit/arrival/", visit_views.record_arrival, name="record-arrival"
    ),
    path(
        "patients/<uuid:patient_id>/intake-visit/narrative/",
        visit_views.save_narrative_view,
        name="save-narrative",
    ),
    path("patients/<uuid:patient_id>/intake-visit/sign/", visit_views.sign_visit, name="sign-visit"),
    path(
        "patients/<uuid:patient_id>/intake-visit/<uuid:visit_id>/", visit_views.visit_note, name="visit-note"
    ),
    path(
        "patients/<uuid:patient_id>/intake-visit/<uuid:visit_id>/addendum/",
        visit_views.add_addendum_view,
        name="add-addendum",
    ),
    path("patients/<uuid:patient_id>/record/<slug:kind>/", views.record_fact, name="record-fact"),
    path("patients/<uuid:patient_id>/screening/", views.record_asked, name="record-screening"),
    path(
        "patients/<uuid:patient_id>/entered-in-error/<uuid:fact_id>/",
        views.mark_fact_in_error,
        name="mark-in-error",
    ),
]
