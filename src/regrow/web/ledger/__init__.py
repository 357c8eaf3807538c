"""The controlled-substance log."""
