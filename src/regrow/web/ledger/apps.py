"""Django's configuration of this app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "regrow.web.ledger"
    label = "ledger"
