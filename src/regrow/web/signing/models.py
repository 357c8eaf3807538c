"""Signatures of knowledge files and of values."""

import hashlib
from typing import Any

from django.conf import settings
from django.db import models

from regrow.knowledge import BadKnowledge, KnowledgeFile
from regrow.web.platform.content import knowledge


def digest_of(document: KnowledgeFile) -> str:
    return hashlib.sha256(document.path.read_bytes()).hexdigest()


class FileSignature(models.Model):
    """The medical director's signature of one version of a file. `digest` is of its bytes, so a later change shows."""

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


class SignedValues(models.Model):
    """Values that no publication gives, signed for one version of a knowledge file; a newer row supersedes.

    `kind` is the kind of the file: clinical limits of a protocol, escalation minutes, preparation hours or monitoring
    intervals. `values` maps the file's value names to decimal numbers as text. `digest` is of the file's bytes when it
    was signed: values do not pass to a text that was changed under the same version.
    """

    KINDS = (
        ("protocol", "Clinical limits of a protocol"),
        ("duty", "Minutes of the escalation policy"),
        ("preparation", "Hours before a session"),
        ("checks", "Intervals of long-term monitoring"),
    )

    kind = models.CharField(max_length=12, choices=KINDS)
    file_id = models.CharField(max_length=50)
    version = models.IntegerField()
    digest = models.CharField(max_length=64, editable=False)
    values = models.JSONField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["protocol", "duty", "preparation", "checks"]),
                name="signed_values_kind_is_known",
            ),
        ]
        indexes = [models.Index(fields=["kind", "file_id", "version"])]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.digest:
            self.digest = digest_of(knowledge.document(self.kind, self.file_id, self.version))
        super().save(*args, **kwargs)

    @property
    def file_changed(self) -> bool:
        """Whether the file was changed, or removed, after it was signed."""
        try:
            return self.digest != digest_of(knowledge.document(self.kind, self.file_id, self.version))
        except BadKnowledge:
            return True
