"""The database itself refuses to change or delete what was written in the ledger."""

from django.db import migrations

from regrow.clinic.site.append_only import forbid_change


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [forbid_change("ledger_ledgerentry")]
