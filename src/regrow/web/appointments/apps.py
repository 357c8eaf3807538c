"""Django's configuration of this app."""

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "regrow.web.appointments"
    label = "appointments"

    def ready(self) -> None:
        """Register what this app does for the others."""
        from regrow.web.conversations.api import on_reply
        from regrow.web.platform.jobs import periodic_task

        from .intake_slots import EVERY_S as REMIND_EVERY_S
        from .intake_slots import send_visit_reminders
        from .late_arrivals import EVERY_S as LATE_EVERY_S
        from .late_arrivals import find_late_patients
        from .offers import handle_offer_reply

        on_reply(handle_offer_reply)
        periodic_task("late", find_late_patients, every_s=LATE_EVERY_S)
        periodic_task("visit reminders", send_visit_reminders, every_s=REMIND_EVERY_S)
