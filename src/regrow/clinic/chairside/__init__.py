"""The chair: the session's append-only log, and the screen beside the patient."""
