"""Signatures under knowledge files."""

from django.conf import settings
from django.db import models


class FileSignature(models.Model):
    """The medical director has read one version of one file. `digest` is of its bytes, so a later change shows."""

    kind = models.CharField(max_length=30)
    file = models.CharField(max_length=100)
    version = models.IntegerField()
    digest = models.CharField(max_length=64)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "file", "version", "digest", "signed_by"], name="file_signature_once_each"
            ),
        ]
