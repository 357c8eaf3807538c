"""The arrays of this room: numbers, whole numbers and masks, one entry a patient unless said otherwise."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]
