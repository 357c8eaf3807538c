"""Django's configuration of this app."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "regrow.web.staff"
    label = "staff"
