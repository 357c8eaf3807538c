"""Addresses of billing; each view names who may open it."""

from django.urls import path

from . import card_photos, views

urlpatterns = [
    path("k/<str:token>/", card_photos.insurance_card, name="insurance-card"),
    path("patients/<uuid:patient_id>/coverage/", views.coverage, name="coverage"),
    path("patients/<uuid:patient_id>/coverage/card/<slug:side>.jpg", card_photos.photo, name="card-photo"),
    path("patients/<uuid:patient_id>/coverage/letter.pdf", views.letter, name="letter"),
]
