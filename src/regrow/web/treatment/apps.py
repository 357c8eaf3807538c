"""Django's configuration of this app."""

from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    name = "regrow.web.treatment"
    label = "treatment"

    def ready(self) -> None:
        """Register what this app does for the others."""
        from regrow.web.platform.jobs import periodic_task

        from .outreach import EVERY_S, run_outreach

        periodic_task("outreach", run_outreach, every_s=EVERY_S)
