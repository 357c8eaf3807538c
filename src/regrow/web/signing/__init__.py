"""Values and files that the medical director signs."""
