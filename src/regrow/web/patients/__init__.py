"""Patients, their clinical facts, milestones and consents."""
