"""Django's configuration of this app."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "regrow.web.patients"
    label = "patients"
