"""Django's configuration of this app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "regrow.web.alerts"
    label = "alerts"

    def ready(self) -> None:
        """Register what this app does for the others."""
        from regrow.web.conversations.api import on_crisis
        from regrow.web.platform.jobs import Queue, background_task, periodic_task

        from .escalation import ESCALATE_EVERY_S, escalate, escalate_all
        from .services import alert_crisis_message

        on_crisis(alert_crisis_message)
        background_task("escalate", escalate, again_after_min=(0.2, 0.5, 1, 2, 5, 10))
        periodic_task("alerts", escalate_all, every_s=ESCALATE_EVERY_S, queue=Queue.URGENT)
