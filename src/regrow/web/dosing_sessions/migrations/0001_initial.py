"""The first tables of this app."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from regrow.web.platform.append_only import forbid_change


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("appointments", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Monitor",
            fields=[
                ("device", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("last_seen_at", models.DateTimeField()),
                ("last_message", models.JSONField(default=dict)),
                ("problem", models.TextField(blank=True)),
                ("problem_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DosingSession",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("decision_id", models.UUIDField(unique=True)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "appointment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="session",
                        to="appointments.appointment",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RemsSubmission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("confirmation", models.CharField(max_length=60)),
                ("answers", models.JSONField()),
                ("form", models.CharField(max_length=60)),
                ("submitted_at", models.DateTimeField()),
                ("reason", models.TextField(blank=True)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rems_submissions",
                        to="dosing_sessions.dosingsession",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["submitted_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="StaffPresence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("present", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Pairing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("device", models.CharField(max_length=60)),
                ("paired_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("clock_offset_ms", models.BigIntegerField(blank=True, null=True)),
                ("last_saved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "paired_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pairings",
                        to="dosing_sessions.dosingsession",
                    ),
                ),
            ],
            options={
                "ordering": ["paired_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("device",),
                        name="monitor_is_at_one_chair",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("session",),
                        name="chair_has_one_monitor",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SessionEvent",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("device_time", models.DateTimeField()),
                ("server_time", models.DateTimeField()),
                ("happened_at", models.DateTimeField(null=True)),
                ("skew_ms", models.BigIntegerField(default=0)),
                ("author", models.CharField(max_length=150)),
                ("licence", models.CharField(blank=True, max_length=40)),
                ("role", models.CharField(blank=True, max_length=20)),
                ("device", models.CharField(blank=True, max_length=40)),
                ("seq", models.BigIntegerField(default=0)),
                ("data", models.JSONField()),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="dosing_sessions.dosingsession",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("session", "number"), name="session_event_number_once")
                ],
            },
        ),
        forbid_change("dosing_sessions_sessionevent"),
        forbid_change("dosing_sessions_staffpresence"),
        forbid_change("dosing_sessions_remssubmission"),
    ]
