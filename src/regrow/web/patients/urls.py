"""Addresses of patients; each view names who may open it."""

from django.urls import path

from . import views

urlpatterns = [
    path(
        "patients/<uuid:patient_id>/contact-preferences/",
        views.contact_preferences,
        name="contact-preferences",
    ),
]
