"""Django's configuration of this app."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "regrow.web.assessments"
    label = "assessments"
