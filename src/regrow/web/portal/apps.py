"""Django's configuration of this app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "regrow.web.portal"
    label = "portal"
