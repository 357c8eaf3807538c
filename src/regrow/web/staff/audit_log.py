"""The audit log page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regrow.web.accounts.api import Role
from regrow.web.audit.api import AuditRow, last_verification
from regrow.web.platform.access import allowed


@allowed(Role.DIRECTOR)
@require_GET
def audit_log(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "staff/audit_log.html",
        {"rows": AuditRow.objects.order_by("-id")[:100], "verification": last_verification("audit")},
    )
