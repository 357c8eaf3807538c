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
            name="DoseDecision",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "choice",
                    models.CharField(
                        choices=[("accepted", "Accepted"), ("changed", "Changed"), ("declined", "Declined")],
                        max_length=10,
                    ),
                ),
                ("suggested", models.JSONField()),
                ("reason", models.TextField(blank=True)),
                ("order", models.JSONField(blank=True, null=True)),
                ("signed_at", models.DateTimeField()),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="appointments.appointment",
                    ),
                ),
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("choice", "accepted"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="decision_changed_only_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("choice", "declined"), ("order__isnull", True)),
                            models.Q(
                                models.Q(("choice", "declined"), _negated=True), ("order__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="decision_has_an_order_unless_declined",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HypothesisWeights",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weights", models.JSONField()),
                ("evidence", models.JSONField()),
                ("reason", models.TextField()),
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="weights_signed_with_a_reason"
                    )
                ],
            },
        ),
        forbid_change("treatment_hypothesisweights"),
    ]
