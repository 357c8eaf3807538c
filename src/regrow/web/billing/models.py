"""Insurance card photos. A newer one replaces an older on screens; none is changed."""

from django.db import models


class InsuranceCardPhoto(models.Model):
    SIDES = [("front", "Front"), ("back", "Back")]

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="card_photos")
    side = models.CharField(max_length=5, choices=SIDES)
    jpeg = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
