"""The design system page: every component with its states."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regrow.chart import CriterionStatus, Determination
from regrow.web.accounts.api import EVERYONE
from regrow.web.platform.access import allowed


@allowed(*EVERYONE)
@require_GET
def design_system(request: HttpRequest) -> HttpResponse:
    """Every component with its states, in the theme chosen."""
    theme = request.GET.get("theme", "light")
    shown = [
        Determination(
            "example-met",
            CriterionStatus.MET,
            "Two antidepressants, adequate and without response",
            ["trial-1", "trial-2"],
        ),
        Determination(
            "example-not-met",
            CriterionStatus.NOT_MET,
            "Blood pressure under the signed limit: 168/96",
            ["vital-4"],
        ),
        Determination(
            "example-open",
            CriterionStatus.NOT_DOCUMENTED,
            "Prescription register checked",
            (),
            ["the prescriber's statement"],
        ),
    ]
    return render(request, "staff/design_system.html", {"determinations": shown, "theme": theme})
