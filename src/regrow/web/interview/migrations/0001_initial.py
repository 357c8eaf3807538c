"""The first tables of this app."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from regrow.web.platform.append_only import forbid_change


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("patients", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IntakeVisit",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("guide", models.CharField(max_length=60)),
                ("guide_version", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("patient_location", models.CharField(blank=True, max_length=300)),
                ("identity", models.CharField(blank=True, max_length=40)),
                ("callback_phone", models.CharField(blank=True, max_length=40)),
                ("others_present", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.CharField(blank=True, max_length=40)),
                ("reason", models.TextField(blank=True, max_length=2000)),
                (
                    "clinician",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="intake_visits",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "ordering": ["started_at"],
            },
        ),
        migrations.CreateModel(
            name="VisitNarrative",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("section", models.CharField(max_length=40)),
                ("text", models.TextField(blank=True, max_length=20000)),
                ("saved", models.PositiveIntegerField(default=0)),
                ("saved_at", models.DateTimeField()),
                ("audited_at", models.DateTimeField()),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="words",
                        to="interview.intakevisit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VisitNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sections", models.JSONField()),
                ("text_hash", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField()),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="interview.intakevisit",
                    ),
                ),
            ],
            options={
                "ordering": ["signed_at", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="intakevisit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("patient",), name="one_open_visit"
            ),
        ),
        migrations.AddConstraint(
            model_name="intakevisit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True),
                    models.Q(
                        models.Q(("outcome", ""), _negated=True), models.Q(("reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="talk_ended_only_with_outcome_and_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="visitnarrative",
            constraint=models.UniqueConstraint(fields=("visit", "section"), name="one_text_a_section"),
        ),
        forbid_change("interview_visitnote"),
    ]
