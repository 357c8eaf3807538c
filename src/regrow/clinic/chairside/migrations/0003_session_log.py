"""The whole log of an event, presence of prescribers, submitted forms."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from regrow.clinic.site.append_only import allow_change, forbid_change


def number_events(apps, editor):
    event = apps.get_model("chairside", "SessionEvent")
    order = Window(RowNumber(), partition_by=F("session"), order_by=["device_time", "server_time", "id"])
    for id, number in list(event.objects.annotate(n=order).values_list("id", "n")):
        event.objects.filter(id=id).update(number=number)


class Migration(migrations.Migration):
    dependencies = [
        ("chairside", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        allow_change("chairside_sessionevent"),
        migrations.AddField(
            "sessionevent", "number", models.BigIntegerField(default=0), preserve_default=False
        ),
        migrations.RunPython(number_events, migrations.RunPython.noop),
        migrations.AddField("sessionevent", "happened_at", models.DateTimeField(null=True)),
        migrations.AddField("sessionevent", "skew_ms", models.BigIntegerField(default=0)),
        *[
            migrations.AddField(
                "sessionevent",
                name,
                models.CharField(max_length=longest, blank=True, default=""),
                preserve_default=False,
            )
            for name, longest in (("licence", 40), ("role", 20), ("device", 40))
        ],
        migrations.AddField("sessionevent", "seq", models.BigIntegerField(default=0)),
        migrations.AlterModelOptions("sessionevent", {"ordering": ["number"]}),
        migrations.AddConstraint(
            "sessionevent",
            models.UniqueConstraint(fields=["session", "number"], name="session_event_number_once"),
        ),
        forbid_change("chairside_sessionevent"),
        migrations.CreateModel(
            "Presence",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("here", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "who",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            {"ordering": ["at", "id"]},
        ),
        migrations.CreateModel(
            "RemsSubmission",
            [
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
                        to="chairside.session",
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
            {"ordering": ["submitted_at", "id"]},
        ),
        forbid_change("chairside_presence"),
        forbid_change("chairside_remssubmission"),
    ]
