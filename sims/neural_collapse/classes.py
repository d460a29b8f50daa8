"""How many samples each class has, and when the small ones merge."""

from __future__ import annotations

import numpy as np

MOST_SAMPLES = 2000


def class_sizes(classes: int, per_class: int, imbalance: float) -> np.ndarray:
    """Samples n_k of every class, (class,): the first ⌊K/2⌋ have R times as many as the others."""
    majority = classes // 2
    many = round(imbalance * per_class)
    return np.array([many] * majority + [per_class] * (classes - majority))


def labels_of(sizes: np.ndarray) -> np.ndarray:
    """Labels of all samples, class by class, (sample,)."""
    return np.repeat(np.arange(len(sizes)), sizes)


def is_minority(sizes: np.ndarray) -> np.ndarray:
    """Which classes have the smallest size while others have more, (class,)."""
    return (sizes == sizes.min()) & (sizes.min() < sizes.max())


def relative_sizes(sizes: np.ndarray) -> np.ndarray:
    """s_k = √(n_k/n̄) with n̄ = N/K; the classes lie along the last axis."""
    sizes = np.asarray(sizes, float)
    return np.sqrt(sizes / np.mean(sizes, axis=-1, keepdims=True))


def minority_threshold(classes: int, c: float) -> float:
    """R_0 = (K/(Kc)² - (K - f))/f with f = ⌊K/2⌋ large classes: beyond it small classes merge.

    A direction between equally small classes survives iff n_min/n̄ > (Kc)², for both losses, with
    or without bias. Phenomenon: Fang et al., arXiv:2101.12699; sharp threshold: Hong & Ling,
    arXiv:2309.09725.
    """
    majority = classes // 2
    if c == 0:
        return float("inf")
    return (classes / (classes * c) ** 2 - (classes - majority)) / majority
