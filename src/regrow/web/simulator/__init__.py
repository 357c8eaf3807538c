"""Two regimens compared on virtual patients."""
