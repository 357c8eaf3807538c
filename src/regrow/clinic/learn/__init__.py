"""Public pages that answer people's questions. Each is a data file; figures come from the evidence by key."""
