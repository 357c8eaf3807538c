"""Addresses of ledger; each view names who may open it."""

from django.urls import path

from . import views

urlpatterns = [
    path("ledger/", views.ledger, name="ledger"),
    path("ledger/confirm/", views.confirm, name="ledger-confirm"),
    path("ledger/resolve/", views.resolve, name="ledger-resolve"),
    path("ledger/<slug:name>.pdf", views.report, name="ledger-report"),
    path("ledger/<slug:form_name>/", views.record, name="ledger-record"),
]
