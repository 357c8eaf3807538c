"""Django's configuration of this app."""

from django.apps import AppConfig


class InterviewConfig(AppConfig):
    name = "regrow.web.interview"
    label = "interview"
