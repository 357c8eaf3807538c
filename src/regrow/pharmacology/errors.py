"""What cannot be reckoned with, as a sentence that names the field and what would satisfy it."""


class BadDose(ValueError):
    """A dose history, a subject or a time that cannot be. The text begins with the field."""


class MixedSites(TypeError):
    """Arterial and venous concentrations met. They differ two-fold at the end of an infusion and never mix."""
