"""A payer's criteria applied to the chart, and a self-pay cost estimate.

Input: a payer's criteria from the knowledge and a chart. Output: three-valued determinations and estimates.
"""

from .cost_estimate import CashEstimate, cash_estimate
from .payer import determine_coverage

__all__ = ["CashEstimate", "cash_estimate", "determine_coverage"]
