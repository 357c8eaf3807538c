"""The Today page of each role."""

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regrow.web.accounts.api import CLINICAL, EVERYONE, StaffRequest
from regrow.web.alerts.api import SafetyAlert
from regrow.web.appointments.api import Appointment
from regrow.web.conversations.api import Inquiry
from regrow.web.platform import clock
from regrow.web.platform.access import allowed
from regrow.web.treatment.api import order_is_stale, signed_order


@allowed(*EVERYONE)
@require_GET
def today(request: StaffRequest) -> HttpResponse:
    """Show the user's open work."""
    zone = clock.clinic_zone()
    start = datetime.combine(clock.clinic_today(), datetime.min.time(), tzinfo=zone)
    appointments = Appointment.objects.filter(
        canceled_at__isnull=True, starts_at__gte=start, starts_at__lt=start + timedelta(days=1)
    )
    rows = []
    for appointment in appointments.select_related("course__patient", "chair"):
        order = signed_order(appointment)
        session = getattr(appointment, "session", None)
        stale = bool(order and not session and order_is_stale(order))
        rows.append((appointment, order, stale, session))
    clinical = request.user.works_as in CLINICAL
    context = {
        "now": clock.now(),
        "rows": rows,
        "alerts": SafetyAlert.objects.filter(resolved_at__isnull=True).select_related(
            "patient", "assigned_to"
        )
        if clinical
        else [],
        "inquiries": Inquiry.objects.filter(patient__isnull=True).select_related("owner")
        if not clinical
        else [],
    }
    return render(request, "staff/today.html", context)
