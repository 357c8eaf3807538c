"""The first tables of this app."""

from django.db import migrations, models

from regrow.web.platform.append_only import forbid_change


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="LedgerHead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("count", models.BigIntegerField(default=0)),
                ("hash", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("id", models.UUIDField(unique=True)),
                ("act", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("licence", models.CharField(blank=True, max_length=40)),
                ("witness", models.CharField(blank=True, max_length=150)),
                ("device", models.CharField(blank=True, max_length=40)),
                ("container", models.CharField(blank=True, max_length=60)),
                ("session", models.CharField(blank=True, max_length=36)),
                ("patient", models.CharField(blank=True, max_length=36)),
                ("reason", models.TextField(blank=True)),
                ("data", models.JSONField()),
                ("previous_hash", models.CharField(blank=True, max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["number"],
                "indexes": [models.Index(fields=["session"], name="ledger_ledg_session_4dc9fd_idx")],
            },
        ),
        forbid_change("ledger_ledgerentry"),
    ]
