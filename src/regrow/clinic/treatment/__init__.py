"""The prescriber's desk: protocols signed, the course planned and booked, each dose decided."""
