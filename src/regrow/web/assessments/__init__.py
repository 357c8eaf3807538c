"""Questionnaire responses and the secure links by which patients answer."""
