"""Staff accounts, roles and machine keys."""
