"""Django's configuration of this app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "regrow.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Register what this app does for the others."""
        from regrow.web.platform.access import hooks

        from .keys import machine_of
        from .roles import Role

        hooks.machine_of = machine_of
        hooks.role_label = lambda role: Role(role).label
