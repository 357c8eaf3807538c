"""The first tables of this app."""

import uuid

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
            name="Patient",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("mrn", models.CharField(max_length=12, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("birth_date", models.DateField(blank=True, null=True)),
                ("sex", models.CharField(default="unknown", max_length=10)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("language", models.CharField(default="en", max_length=5)),
                (
                    "checkin_channel",
                    models.CharField(
                        choices=[("text", "Text or email"), ("call", "Telephone call")],
                        default="text",
                        max_length=5,
                    ),
                ),
                ("time_zone", models.CharField(blank=True, max_length=50)),
                ("emergency_name", models.CharField(blank=True, max_length=200)),
                ("emergency_phone", models.CharField(blank=True, max_length=40)),
                ("import_key", models.CharField(blank=True, max_length=200, null=True, unique=True)),
                ("created_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Milestone",
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
                            ("intake_completed", "Intake form completed"),
                            ("determined", "Eligibility decided"),
                            ("benefits", "Benefits verified"),
                            ("authorized", "Authorized, or not required"),
                            ("estimate_given", "Cost estimate given"),
                            ("reviewed", "Reassessed"),
                            ("owner", "Owner changed"),
                            ("snoozed", "Snoozed"),
                            ("closed", "Closed"),
                            ("reopened", "Reopened"),
                        ],
                        max_length=20,
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=300)),
                ("until", models.DateField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="milestones",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["closed", "snoozed", "determined"]), _negated=True),
                            models.Q(("text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="milestone_says_why",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ClinicalFact",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=20)),
                ("key", models.CharField(blank=True, max_length=200)),
                ("data", models.JSONField()),
                ("author", models.CharField(max_length=150)),
                ("recorded_at", models.DateTimeField()),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="later",
                        to="patients.clinicalfact",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "ordering": ["recorded_at", "id"],
                "indexes": [models.Index(fields=["patient", "kind"], name="patients_cl_patient_e6fb35_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "diagnosis",
                                    "trial",
                                    "condition",
                                    "medicine",
                                    "measurement",
                                    "treatment",
                                    "attestation",
                                    "struck",
                                ],
                            )
                        ),
                        name="fact_kind_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SignedConsent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("consent", models.CharField(max_length=50)),
                ("version", models.IntegerField()),
                ("language", models.CharField(max_length=5)),
                ("text_hash", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="consent_has_a_name"
                    )
                ],
            },
        ),
        forbid_change("patients_clinicalfact"),
        forbid_change("patients_signedconsent"),
        forbid_change("patients_milestone"),
    ]
