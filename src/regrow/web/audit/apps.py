"""Django's configuration of this app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "regrow.web.audit"
    label = "audit"

    def ready(self) -> None:
        """Register what this app does for the others."""
        from regrow.web.platform.access import hooks

        from .log import record

        hooks.record_access = record
