"""One seed for a whole test run: the order of the tests and every random input follow from it.

`REGROW_TEST_SEED` repeats a run; without it each run has a seed of its own, printed at the end.
"""

import os
import random

NAME = "REGROW_TEST_SEED"


def choose_run_seed() -> int:
    """Return the seed of this run, and hand it to the worker processes by the environment."""
    seed = int(os.environ.get(NAME) or random.SystemRandom().randrange(10**6))
    os.environ[NAME] = str(seed)
    return seed


def first_seed(most: int = 10**6) -> int:
    """Return the first of `most` consecutive seeds that no other run uses."""
    return choose_run_seed() * most
