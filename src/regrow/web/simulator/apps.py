"""Django's configuration of this app."""

from django.apps import AppConfig


class SimulatorConfig(AppConfig):
    name = "regrow.web.simulator"
    label = "simulator"
