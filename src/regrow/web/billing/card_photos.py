"""Insurance card photos by secure link: front and back, scaled down and stripped of metadata."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from regrow.web.accounts.api import DECIDES, ChartRequest, Role, StaffRequest
from regrow.web.assessments.api import SecureLink, has_link
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.access import allowed, short_writes
from regrow.web.platform.database import writing

from .forms import SIDES, InsuranceCardForm
from .models import InsuranceCardPhoto


@short_writes
@has_link("intake", "page")
def insurance_card(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """One or both sides at once; each can be sent again. Pictures are decoded in no transaction."""
    posted = request.method == "POST"
    form = InsuranceCardForm(request.POST, request.FILES) if posted else InsuranceCardForm()
    if form.submit(lambda data: _store(link.patient, data)):
        return redirect("insurance-card", token=token)
    newest = {photo.side: photo for photo in newest_photos(link.patient)}
    context = {
        "token": token,
        "own_page": link.purpose == "page",
        "sides": [(form[id], newest.get(id)) for id, _words in SIDES],
        "sent": bool(newest),
        "form": form,
    }
    return render(request, "billing/insurance_card.html", context, status=form.status)


def _store(patient: Patient, photos: Mapping[str, tuple[bytes, int, int] | None]) -> None:
    made = [
        InsuranceCardPhoto(
            patient=patient, side=side, jpeg=photo[0], width=photo[1], height=photo[2], at=clock.now()
        )
        for side, photo in photos.items()
        if photo
    ]
    with writing():
        InsuranceCardPhoto.objects.bulk_create(made)


def newest_photos(patient: Patient) -> Sequence[Any]:
    """Return the newest photo of each side, front first, without image data."""
    photos = InsuranceCardPhoto.objects.filter(patient=patient)
    newest = photos.values("side").annotate(last=Max("id")).values_list("last", flat=True)
    return list(photos.filter(id__in=list(newest)).defer("jpeg").order_by("-side"))


@allowed(*DECIDES, Role.COORDINATOR)
@require_GET
def photo(request: StaffRequest, patient_id: str, side: str) -> HttpResponse:
    patient = get_object_or_404(Patient, id=patient_id)
    found = InsuranceCardPhoto.objects.filter(patient=patient, side=side).last()
    if found is None:
        # The audit row is written even without a photo.
        return HttpResponse(status=404)
    answer = HttpResponse(bytes(found.jpeg), content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
