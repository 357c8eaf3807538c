"""What other apps may use of billing."""

from .models import InsuranceCardPhoto

__all__ = [
    "InsuranceCardPhoto",
]
