"""What a payer asks for, against the chart; and what it costs when nobody pays.

In: a payer's criteria from the knowledge and a chart. Out: three-valued determinations and estimates.
"""

from .cost_estimate import CashEstimate, cash_estimate
from .payer import determine_coverage

__all__ = ["CashEstimate", "cash_estimate", "determine_coverage"]
