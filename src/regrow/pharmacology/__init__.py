"""From the doses given to the concentration expected. One published model so far; floats live here only.

In: a model from the knowledge, a weight, what the pump did. Out: `Concentration` with its sampling site.
"""

from .plasma import Concentration, PumpRun, plasma

__all__ = ["Concentration", "PumpRun", "plasma"]
