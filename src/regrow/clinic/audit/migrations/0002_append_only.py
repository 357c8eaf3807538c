"""The database itself refuses to change or delete an audit row."""

from django.db import migrations

from regrow.clinic.site.append_only import forbid_change


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [forbid_change("audit_auditrow")]
