"""Django's configuration of this app."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "regrow.web.courses"
    label = "courses"

    def ready(self) -> None:
        """Register what this app does for the others."""
        from regrow.web.assessments.api import on_completed

        from .services import schedule_next_outreach

        on_completed(schedule_next_outreach)
