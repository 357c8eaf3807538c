"""The first tables of this app."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("patients", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Inquiry",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=200)),
                ("contact", models.CharField(max_length=200)),
                ("message", models.TextField(max_length=4000)),
                (
                    "channel",
                    models.CharField(
                        choices=[("form", "Web form"), ("text", "Text message"), ("email", "Email")],
                        max_length=10,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("es", "Español")], default="en", max_length=5
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("interview_at", models.DateTimeField(blank=True, null=True)),
                ("video_link", models.CharField(blank=True, max_length=300)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("close_reason", models.CharField(blank=True, max_length=300)),
                (
                    "interviewer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "ordering": ["received_at"],
            },
        ),
        migrations.CreateModel(
            name="ContactPoint",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("patient", "Patient or inquiry"),
                            ("staff", "Staff"),
                            ("therapist", "Outside therapist"),
                        ],
                        default="patient",
                        max_length=9,
                    ),
                ),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "channel",
                    models.CharField(choices=[("text", "Text message"), ("email", "Email")], max_length=10),
                ),
                ("address", models.CharField(max_length=200)),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("es", "Español")], default="en", max_length=5
                    ),
                ),
                ("opted_out_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "patient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="patients.patient",
                    ),
                ),
                (
                    "inquiry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="conversations.inquiry",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(blank=True, max_length=300, null=True, unique=True)),
                (
                    "direction",
                    models.CharField(
                        choices=[("out", "From the clinic"), ("in", "To the clinic")],
                        default="out",
                        max_length=3,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reminder", "Reminder"),
                            ("answer", "Automatic reply"),
                            ("crisis", "Crisis text"),
                            ("personal", "Written by staff"),
                        ],
                        default="answer",
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "queued"),
                            ("sending", "being sent"),
                            ("sent", "sent"),
                            ("unclear", "may have been sent"),
                            ("delivered", "delivered"),
                            ("failed", "failed"),
                            ("refused", "not sent: opted out"),
                            ("received", "received"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("to", models.CharField(max_length=200)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("text", models.TextField()),
                ("link", models.CharField(blank=True, max_length=300)),
                ("occasion", models.CharField(blank=True, max_length=60)),
                ("signals", models.JSONField(blank=True, default=list)),
                ("created_at", models.DateTimeField()),
                ("not_before", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("gateway_id", models.CharField(blank=True, max_length=300)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="conversations.contactpoint",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="patients.patient",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(("contact", ""), _negated=True), name="inquiry_has_a_way_back"
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    models.Q(("close_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="inquiry_closed_only_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.UniqueConstraint(fields=("channel", "address"), name="contact_once"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["patient", "created_at"], name="conversatio_patient_e46e34_idx"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["gateway_id"], name="conversatio_gateway_a3a8f5_idx"),
        ),
    ]
