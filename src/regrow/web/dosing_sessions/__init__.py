"""Session logs, live updates, patient monitors and REMS forms."""
