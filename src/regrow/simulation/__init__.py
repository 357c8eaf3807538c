"""Virtual patients through protocols: a trial is a file, a result is reproducible to the last bit.

In: a trial (knowledge), the parameters of the pharmacology, a seed. Out: every outcome with its interval and what made
it. A patient's course depends on the seed and the patient's number alone, so a trial runs on one machine or a cluster,
in any chunks, and can be stopped and taken up again.
"""

from .results_store import BadStore, run_kept
from .run import Dask, Plan, Processes, here, patient, plan_of, run, run_block

__all__ = [
    "BadStore",
    "Dask",
    "Plan",
    "Processes",
    "here",
    "patient",
    "plan_of",
    "run",
    "run_block",
    "run_kept",
]
