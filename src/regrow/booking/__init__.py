"""When a whole series of sessions can be held: chairs, nurses, a prescriber in the house, hours, what a payer allows.

In: what the house has, what is booked, what each person needs. Out: plans with a chair and a nurse for every visit,
the best first, or the sentence why there is none. It knows no database and no clock.
"""

from .house import House, Span, Taken
from .need import Need, Pattern, Visit, patterns
from .solve import NoRoom, Plan, Sitting, best_three, plan_all

__all__ = [
    "House",
    "Need",
    "NoRoom",
    "Pattern",
    "Plan",
    "Sitting",
    "Span",
    "Taken",
    "Visit",
    "best_three",
    "patterns",
    "plan_all",
]
