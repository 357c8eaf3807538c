"""Django's configuration of this app."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "regrow.web.platform"
    label = "platform"
