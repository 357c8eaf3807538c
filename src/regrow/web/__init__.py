"""The Django application: one app per kind of record, screens on top."""
