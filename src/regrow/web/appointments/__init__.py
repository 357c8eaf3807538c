"""Chairs, staff shifts, appointments and the waitlist."""
