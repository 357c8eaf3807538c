"""Django's configuration of this app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "regrow.web.audit"
    label = "audit"

    def ready(self) -> None:
        """Register what this app does for the others."""
        from regrow.web.platform.access import hooks
        from regrow.web.platform.jobs import periodic_task
        from regrow.web.platform.process import beside_requests

        from .access_log import access_log
        from .log import facts_of, record
        from .verification import VERIFY_EVERY_S, WHOLE_EVERY_S, verify_chains, verify_whole_audit_log

        hooks.record_access = record
        hooks.record_read = lambda *request, **more: access_log.add(facts_of(*request, **more))
        beside_requests(lambda: access_log)
        periodic_task("verification", verify_chains, every_s=VERIFY_EVERY_S)
        periodic_task("whole verification", verify_whole_audit_log, every_s=WHOLE_EVERY_S)
