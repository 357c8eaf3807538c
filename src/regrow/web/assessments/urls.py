"""Addresses of assessments; each view names who may open it."""

from django.urls import path

from . import views

urlpatterns = [
    path("patients/<uuid:patient_id>/scales/", views.scales, name="scales"),
    path("patients/<uuid:patient_id>/scales/<slug:instrument>/", views.rate, name="rate"),
]
