"""What both experiments refuse, each in one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np

from sims.neural_collapse.classes import MOST_SAMPLES


def nonnegative(params: Any, sizes: np.ndarray) -> None:
    """Closed forms for h >= 0 are those of cross-entropy with bias and equal classes.

    Raises:
        ValueError: another loss, no bias, or unequal classes.
    """
    if not params.nonnegative:
        return
    without = (
        "loss_kind=mse"
        if params.loss_kind == "mse"
        else "bias=false"
        if not params.bias
        else f"imbalance={float(params.imbalance):g}"
        if sizes.min() < sizes.max()
        else ""
    )
    if without:
        raise ValueError(
            f"nonnegative = true has no closed form with {without}: "
            "give loss_kind=ce, bias=true and imbalance=1."
        )


def samples(sizes: np.ndarray) -> None:
    """At most 2000 samples.

    Raises:
        ValueError: more; the sentence has the number.
    """
    total = int(sizes.sum())
    if total > MOST_SAMPLES:
        raise ValueError(
            f"per_class and imbalance make {total} samples, more than {MOST_SAMPLES}: "
            "give fewer per class or a smaller imbalance."
        )
