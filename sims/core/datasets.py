"""Real data that come with the installation."""

from __future__ import annotations

from functools import cache

import numpy as np


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """1 797 handwritten digits: pixels (sample, 64) in [0, 1] and labels (sample,) 0..9."""
    from sklearn.datasets import load_digits

    pixels, labels = map(np.asarray, load_digits(return_X_y=True))
    pixels = pixels / 16
    pixels.flags.writeable = labels.flags.writeable = False
    return pixels, labels
