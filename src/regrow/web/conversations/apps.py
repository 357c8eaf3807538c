"""Django's configuration of this app."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "regrow.web.conversations"
    label = "conversations"

    def ready(self) -> None:
        """Register what this app does for the others."""
        from regrow.web.platform.jobs import background_task, periodic_task

        from .inbound import FETCH_EVERY_S, fetch_email
        from .outbox import _on_delivery_failure, deliver
        from .owners import REASSIGN_EVERY_S, reassign_orphaned

        background_task("deliver", deliver, on_failure=_on_delivery_failure)
        periodic_task("email", fetch_email, every_s=FETCH_EVERY_S)
        periodic_task("owners", reassign_orphaned, every_s=REASSIGN_EVERY_S)
