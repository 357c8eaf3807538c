"""The database itself refuses to change or delete what was recorded."""

from django.db import migrations

from regrow.clinic.site.append_only import forbid_change


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [forbid_change("library_filesignature")]
