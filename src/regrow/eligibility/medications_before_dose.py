"""Medications on the day of a session: which to take as usual, and which to ask the prescriber about.

No patient is advised to skip a dose: that needs the prescriber's order, and some drugs must not be interrupted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.chart import Chart, CriterionStatus, Medicine
from regrow.knowledge import CandidacyRules

from .assess import Eligibility

ASKS = frozenset({"hard", "gate", "warn"})


@dataclass(frozen=True)
class MedicineBefore:
    """A charted medication; `ask` when a rule of the route concerns it, or no rule knows it."""

    medicine: Medicine
    ask: bool


def medicines_before(
    chart: Chart, rules: CandidacyRules, found: Eligibility, route: str
) -> Sequence[MedicineBefore]:
    """Return every current medication, in the chart's order."""
    speaks = {
        id
        for interaction in rules.interactions
        if route in interaction.products and interaction.products[route].action in ASKS
        for determination in (found.of(f"interaction-{interaction.id}"),)
        if determination.state is CriterionStatus.MET
        for id in determination.because
    }
    return [
        MedicineBefore(m, m.id in speaks or rules.formulary.find(m.text, m.rxnorm).drug is None)
        for m in chart.medicines
        if m.active
    ]
