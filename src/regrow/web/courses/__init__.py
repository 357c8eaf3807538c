"""Treatment courses, what clinicians state about them, and the tasks they cause."""
