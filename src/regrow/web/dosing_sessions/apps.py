"""Django's configuration of this app."""

from django.apps import AppConfig


class DosingSessionsConfig(AppConfig):
    name = "regrow.web.dosing_sessions"
    label = "dosing_sessions"
