"""Django's configuration of this app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "regrow.web.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Register what this app does for the others."""
        from regrow.web.audit.api import register_chain

        from .services import problems

        register_chain("ledger", problems)
