"""Self-pay cost estimate for an IV course."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from regrow.knowledge import ClinicProfile, InfusionProtocol


@dataclass(frozen=True)
class CashEstimate:
    """Lines of (description, count, unit price in USD), and their sum."""

    lines: Sequence[tuple[str, int, Decimal]]

    @property
    def total_usd(self) -> Decimal:
        return sum((count * each for _, count, each in self.lines), Decimal("0.00"))


def cash_estimate(clinic: ClinicProfile, protocol: InfusionProtocol) -> CashEstimate:
    """Estimate the consultation and the first series at the clinic's prices."""
    return CashEstimate(
        (
            ("Consultation, one hour", 1, clinic.interview_usd),
            (f"Infusions ({protocol.title})", protocol.sessions, clinic.infusion_usd),
        )
    )
