"""Dose decisions, orders, protocols and outreach along a course."""
