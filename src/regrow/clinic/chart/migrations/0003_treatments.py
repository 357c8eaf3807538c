"""Other treatments (ECT and the like) are facts of the chart too."""

from django.db import migrations, models

from regrow.clinic.site.append_only import allow_change, forbid_change

KINDS = [
    "diagnosis",
    "trial",
    "condition",
    "medicine",
    "measurement",
    "treatment",
    "attestation",
    "struck",
]


class Migration(migrations.Migration):
    dependencies = [("chart", "0002_append_only")]
    operations = [
        allow_change("chart_fact"),
        migrations.RemoveConstraint(model_name="fact", name="fact_kind_is_known"),
        migrations.AddConstraint(
            model_name="fact",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", KINDS)), name="fact_kind_is_known"
            ),
        ),
        forbid_change("chart_fact"),
    ]
