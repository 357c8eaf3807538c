"""Insurance card photos by secure link: front and back, scaled down and stripped of metadata."""

import io
from collections.abc import Sequence
from typing import Any

from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from regrow.web.accounts.api import DECIDES, ChartRequest, Role, StaffRequest
from regrow.web.assessments.api import SecureLink, has_link
from regrow.web.patients.api import Patient
from regrow.web.platform import clock
from regrow.web.platform.access import allowed

from .models import InsuranceCardPhoto

MOST_BYTES = 15 * 1024 * 1024  # large enough for a phone camera
LONGEST_SIDE = 1800  # pixels: small print stays readable
QUALITY = 82
SIDES = (("front", gettext_lazy("The front")), ("back", gettext_lazy("The back")))


class NoPhoto(ValueError):
    """The upload is not a usable picture."""


def as_jpeg(raw: bytes) -> tuple[bytes, int, int]:
    """Return the picture upright, at most `LONGEST_SIDE` pixels long, without metadata.

    Raises `NoPhoto` for anything that is not a picture, or one too large to decode.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP", "GIF")) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NoPhoto(str(error)) from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=QUALITY, optimize=True)
    return made.getvalue(), picture.width, picture.height


@has_link("intake", "page")
def insurance_card(request: ChartRequest, link: SecureLink, token: str) -> HttpResponse:
    """Receive one or both sides; each can be sent again."""
    problem = ""
    if request.method == "POST":
        problem = _store(request, link.patient)
        if not problem:
            return redirect("insurance-card", token=token)
    newest = {photo.side: photo for photo in newest_photos(link.patient)}
    context = {
        "token": token,
        "own_page": link.purpose == "page",
        "sides": [(id, words, newest.get(id)) for id, words in SIDES],
        "sent": bool(newest),
        "problem": problem,
    }
    return render(request, "billing/insurance_card.html", context, status=400 if problem else 200)


def _store(request: ChartRequest, patient: Patient) -> str:
    """Store the upload. Returns the error sentence, or ""."""
    given = [(side, file) for side, _words in SIDES if (file := request.FILES.get(side)) is not None]
    if not given:
        return _("Please take or choose a photo first.")
    made: list[tuple[str, bytes, int, int]] = []
    for side, file in given:
        if not isinstance(file.size, int) or file.size > MOST_BYTES:
            return _("This photo is too large. Please take it again with your camera.")
        try:
            made.append((side, *as_jpeg(file.read())))
        except NoPhoto:
            return _("This is not a photo we can open. Please send a JPEG or PNG picture.")
    InsuranceCardPhoto.objects.bulk_create(
        InsuranceCardPhoto(patient=patient, side=side, jpeg=jpeg, width=width, height=height, at=clock.now())
        for side, jpeg, width, height in made
    )
    return ""


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
