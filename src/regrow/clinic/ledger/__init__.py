"""The ledger of controlled medicines: what is in the cabinet, who drew it, who saw it wasted, what is missing."""
