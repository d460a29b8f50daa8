"""Knobs drawn at random, made to fit together: data there are, networks that read them, seconds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sims.neural_collapse.classes import MOST_SAMPLES
from sims.neural_collapse.real_network.params import (
    CLASSES,
    DEPTH,
    HIDDEN,
    IMAGE_READERS,
    MIXTURE_PER_CLASS,
    MOST_CONVOLUTIONS,
    POOL,
    STEPS,
)

FEWEST = 5
"""Samples of a class at the slider's lower end."""
WORK = 2e10
"""Products of a run, steps x batch x those of a sample, that take a thread some ten seconds."""
MOST_CHANNELS = 32


def feasible(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is changed: a network that reads its data, class sizes there are, seconds of work.

    ReLU on the features comes with what its closed form needs. What is too long loses batch and
    steps alike.
    """
    made = dict(values)
    kind = made["architecture"]
    if kind in IMAGE_READERS:
        made["data"] = "digits"
    if made["nonnegative"] and made["decay"] == "features":
        made |= {"loss_kind": "ce", "bias": True, "imbalance": 1.0}
    _fit_classes(made)
    if kind == "cnn":
        made["depth"] = _most(made["depth"], MOST_CONVOLUTIONS)
        made["hidden"] = _most(made["hidden"], MOST_CHANNELS)
    if kind == "transformer" and made["hidden"] is not None:
        made["hidden"] -= made["hidden"] % 2
    steps, batch = made["steps"] or STEPS[kind], made["batch_size"]
    work = steps * batch * _products(made)
    if work > WORK:
        part = math.sqrt(WORK / work)
        made["batch_size"] = max(16, round(part * batch))
        made["steps"] = max(100, round(part * steps))
    return {name: value for name, value in made.items() if value != values[name]}


def _most(value: int | None, most: int) -> int | None:
    return None if value is None else min(value, most)


def _fit_classes(made: dict[str, Any]) -> None:
    """No more digits in a class, and no more samples in all, than there may be."""
    classes, small, ratio = made["classes"], made["per_class"], made["imbalance"]
    if made["data"] == "digits":
        ratio = min(ratio, POOL / FEWEST)
        if small is not None:
            made["per_class"] = small = max(FEWEST, min(small, math.floor(POOL / ratio)))
    small = MIXTURE_PER_CLASS if small is None else small
    classes = CLASSES[made["data"]] if classes is None else classes
    large = classes // 2
    most = (MOST_SAMPLES / small - (classes - large)) / large
    if made["data"] == "mixture" or made["per_class"] is not None:
        ratio = min(ratio, math.floor(1e3 * most) / 1e3)
    made["imbalance"] = max(1.0, ratio)


def _products(made: Mapping[str, Any]) -> float:
    """Products of one sample through the network, forward; rough, of its widest layers."""
    kind = made["architecture"]
    hidden, depth = made["hidden"] or HIDDEN[kind], made["depth"] or DEPTH[kind]
    if kind == "cnn":
        return sum(64 * 9 * hidden**2 * 2 ** (2 * i - 1) for i in range(depth))
    if kind == "transformer":
        return 8 * 12 * hidden**2 * depth
    return 64 * hidden + depth * hidden**2


__all__ = ["feasible"]
