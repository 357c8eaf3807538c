"""The first tables of this app."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from regrow.web.platform.append_only import forbid_change


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FileSignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=30)),
                ("file", models.CharField(max_length=100)),
                ("version", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField()),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["signed_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "file", "version", "digest", "signed_by"),
                        name="file_signature_once_each",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SignedValues",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("protocol", "Clinical limits of a protocol"),
                            ("duty", "Minutes of the escalation policy"),
                            ("preparation", "Hours before a session"),
                            ("checks", "Intervals of long-term monitoring"),
                        ],
                        max_length=12,
                    ),
                ),
                ("file_id", models.CharField(max_length=50)),
                ("version", models.IntegerField()),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("values", models.JSONField()),
                ("signed_at", models.DateTimeField()),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["signed_at"],
                "indexes": [
                    models.Index(fields=["kind", "file_id", "version"], name="signing_sig_kind_724f80_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["protocol", "duty", "preparation", "checks"])),
                        name="signed_values_kind_is_known",
                    )
                ],
            },
        ),
        forbid_change("signing_filesignature"),
        forbid_change("signing_signedvalues"),
    ]
