"""The first tables of this app."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SimulationRun",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("requested_at", models.DateTimeField()),
                ("first", models.CharField(max_length=60)),
                ("second", models.CharField(max_length=60)),
                ("population", models.CharField(max_length=60)),
                ("size", models.IntegerField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("titles", models.JSONField(default=dict)),
                ("report", models.JSONField(null=True)),
                ("problem", models.TextField(blank=True)),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-requested_at"],
            },
        ),
        migrations.CreateModel(
            name="SimulationAttachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("protocol", models.CharField(max_length=50)),
                ("version", models.IntegerField()),
                ("attached_at", models.DateTimeField()),
                (
                    "attached_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="simulator.simulationrun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "protocol", "version"), name="lab_attached_once")
                ],
            },
        ),
    ]
