"""The demo clinic: invented patients at every stage of care, the same each time (fixed seed)."""
