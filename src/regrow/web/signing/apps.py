"""Django's configuration of this app."""

from django.apps import AppConfig


class SigningConfig(AppConfig):
    name = "regrow.web.signing"
    label = "signing"
