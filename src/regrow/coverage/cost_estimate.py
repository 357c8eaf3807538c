"""A cash estimate for an IV course."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from regrow.knowledge import ClinicProfile, InfusionProtocol


@dataclass(frozen=True)
class CashEstimate:
    """Lines of (what, how many, price each in USD), and their sum."""

    lines: Sequence[tuple[str, int, Decimal]]

    @property
    def total_usd(self) -> Decimal:
        return sum((count * each for _, count, each in self.lines), Decimal("0.00"))


def cash_estimate(clinic: ClinicProfile, protocol: InfusionProtocol) -> CashEstimate:
    """The interview and the whole first series, at the clinic's own prices."""
    return CashEstimate(
        (
            ("Interview, one hour", 1, clinic.interview_usd),
            (f"Infusions ({protocol.title})", protocol.sessions, clinic.infusion_usd),
        )
    )
