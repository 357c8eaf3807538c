"""Errors of invalid input; each text names the field and the value to give."""


class BadDose(ValueError):
    """An impossible dose history, subject or time. The text begins with the field."""


class MixedSites(TypeError):
    """Arterial and venous concentrations met. They differ two-fold at the end of an infusion and never mix."""
