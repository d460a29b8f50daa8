"""What a heated network's loss rises by, from the sizes of the network and of its start alone."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.singular_learning.local_learning_coefficient import scales
from sims.singular_learning.local_learning_coefficient.params import Params, local, wait, weights

EXACT_CHAINS, SWEEPS = 32, 240
BINS = 40
BEYOND = 1.3
"""Heats are shown up to so many times half the number of weights."""


def exact_mean(
    A0: np.ndarray, B0: np.ndarray, C: np.ndarray, t: float, gamma: float
) -> tuple[float, float]:
    """Mean t E[K] under exp(-t K - gamma |w - w_0|^2/2), and its standard error.

    Draws B given A and A given B in turn: both are Gaussian. With P = t A A^T + gamma, rows of B
    have the precision P and the mean P^-1 (t A C^T + gamma B_0^T). K is averaged over B in closed
    form: t <K>_A = (N t tr(P^-1 A A^T) + t |B A - C|^2)/2 with that mean B. No gradient, no step.
    """
    rng = np.random.default_rng(0)
    (H, M), N = A0.shape, len(B0)
    A = np.repeat(A0[None], EXACT_CHAINS, axis=0)
    leash, seen = gamma * np.eye(H), []
    for sweep in range(SWEEPS):
        AA = A @ _transposed(A)
        P = t * AA + leash
        B = _transposed(np.linalg.solve(P, t * A @ C.T + gamma * B0.T))
        if sweep >= SWEEPS // 3:
            spread = N * t * np.trace(np.linalg.solve(P, AA), axis1=1, axis2=2)
            seen.append(0.5 * (spread + t * np.sum((B @ A - C) ** 2, axis=(1, 2))))
        B = B + _transposed(_scattered(P, rng.standard_normal((EXACT_CHAINS, H, N))))
        P = t * _transposed(B) @ B + leash
        A = np.linalg.solve(P, t * _transposed(B) @ C + gamma * A0)
        A = A + _scattered(P, rng.standard_normal((EXACT_CHAINS, H, M)))
    each = np.mean(seen, axis=0)
    return float(each.mean()), float(each.std(ddof=1) / math.sqrt(EXACT_CHAINS))


def _transposed(x: np.ndarray) -> np.ndarray:
    return np.swapaxes(x, -1, -2)


def _scattered(P: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Gaussian columns with the precision P, from standard ones."""
    return np.linalg.solve(_transposed(np.linalg.cholesky(P)), z)


def gamma_density(x: np.ndarray, shape: float) -> np.ndarray:
    """Density of t K of a heated chain: the volume with K < e goes as e^lambda."""
    return np.exp((shape - 1) * np.log(x) - x - math.lgamma(shape))


def noise(params: Params) -> float:
    """Standard error of the run's mean, from how slowly chains forget."""
    found, both = local(params), (float(params.strength), float(params.c))
    valley, sharp = scales.forgetting(float(filled(params.nbeta)), *both)
    slow = found.value * wait(params)
    if int(params.large):
        slow = found.rest * valley + (found.value - found.rest) * sharp
    return math.sqrt(slow / 3 / (params.chains * float(filled(params.steps)) / 2))


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """The coefficient where training ends, the exact mean at this heat, other maps and starts.

    Nothing of it depends on the seed.
    """
    del task, schedule
    M, N, H = params.d_in, params.d_out, params.width
    r, s, large = int(params.rank), float(params.strength), int(params.large)
    t, gamma, c = float(filled(params.nbeta)), float(filled(params.gamma)), float(params.c)
    found, half = local(params), weights(params) / 2
    exact, error = exact_mean(*scales.end_of_training(M, N, H, r, s, large), t, gamma)
    kick = scales.kicks(c, M, N, r, s, large)
    edges = np.linspace(0.0, BEYOND * half, BINS + 1)
    heat = 0.5 * (edges[1:] + edges[:-1])
    ranks, starts = np.arange(min(M, N, H) + 1), np.arange(min(M, H) + 1)
    of_starts = [
        scales.trained(M, N, H, r, a).value if a == 0 or a >= r else np.nan for a in starts.tolist()
    ]
    sharp = np.count_nonzero(scales.curvatures(M, N, r, s, large))
    data = xr.Dataset(
        {
            "lambda_": ((), found.value),
            "multiplicity": ((), float(found.multiplicity)),
            "lambda_regular": ((), half),
            "half_the_maps": ((), scales.half_the_maps(M, N, H)),
            "heat_t": ((), t),
            "start_loss": ((), r * s**2 / 2),
            "exact_lambda": ((), exact),
            "exact_error": ((), error),
            "step_shift": ((), float(np.sum(kick / (1 - kick)) / 2)),
            "step_bias": ((), c * sharp / (8 * found.value)),
            "leash": ((), gamma / (math.sqrt(t) * s)),
            "leash_bias": ((), 0.8 * gamma * found.rest / (math.sqrt(t) * s * found.value)),
            "noise": ((), noise(params)),
            "wait": ((), wait(params)),
            "target_rank": ((), float(r)),
            "large_directions": ((), float(large)),
            "heating_step": ((), float(params.train_steps)),
            "lambda_curve": (
                "map_rank", [scales.coefficient(M, N, H, int(k))[0] for k in ranks],
            ),
            "lambda_large": ("start", of_starts),
            "gamma_density": ("heat", gamma_density(heat, found.value)),
            "regular_density": ("heat", gamma_density(heat, half)),
        },
        coords={"map_rank": ranks, "start": starts, "heat": heat},
    )  # fmt: skip
    for variable in data.data_vars.values():
        variable.attrs["shared"] = 1
    return data
