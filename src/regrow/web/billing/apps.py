"""Django's configuration of this app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "regrow.web.billing"
    label = "billing"
