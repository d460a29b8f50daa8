"""How alike networks are that began from other seeds, before one of them is drawn.

The noise of a finite width's start, carried along by training (see `response`), against what all
of them learn: CKA = 1/(1 + x). Nothing here sees a run, or a seed. Derived here; that width alone
inflates CKA is of arXiv:2602.14486, the debiased one of arXiv:2502.15104.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.representations.universality import images
from sims.representations.universality.response import Response, noise, response, square

if TYPE_CHECKING:
    from sims.representations.universality.params import Params

WIDER = 4
"""The wide networks are so many times as wide as the narrow ones."""
DEVIATIONS = 4.0
"""Standard deviations of its own scatter that an alikeness may be off."""
OF_LOSS = 3.0
NEXT_ORDER = 0.35
"""Share of x(0)² that the next order of the noise may make."""
LOOKS = 61
"""Records of a run, at most."""
ROUNDING = 0.002
"""Of the loss at the start."""
WIDTHS = np.geomspace(8, 2048, 49)


def first_noise(params: Params) -> float:
    """x(0) = (d + 1)/N."""
    return (params.components + 1) / params.width


def steps_needed(s: np.ndarray, sigma: float, eta: float, horizon: float) -> int:
    """Steps until the weakest mode has left its start and is fitted, times the horizon."""
    waits = (1 + max(0.0, -2 * np.log(sigma))) / (s[-1] * (1 + sigma**2))
    return max(1, int(horizon * waits / eta))


def of_task(params: Params, task: Task) -> int:
    """Steps of a run; see `steps_needed`."""
    s, _ = images.modes(task["target"])
    return steps_needed(s, float(params.init_scale), float(task["eta"]), float(params.horizon))


def _of(params: Params, task: Task, name: str, steps: np.ndarray) -> tuple[Response, np.ndarray]:
    """The response to a group's target, and its basis V' (input, component)."""
    target = task[name]
    s, V = images.modes(target)
    sigma, eta = float(params.init_scale), float(task["eta"])
    return response(s, target.shape[1], target.shape[0], sigma, eta, steps), V


def _alike_others(
    one: Response, two: Response, overlaps: np.ndarray, width: int, replicas: int
) -> tuple[np.ndarray, np.ndarray]:
    """CKA of two groups with targets of their own, and its standard deviation, (record,) each.

    <A1, A2>/(|A1||A2|√((1 + x1)(1 + x2))); `overlaps` (input, input) of the two bases.
    """
    x1, s1, _ = noise(one, width)
    x2, s2, _ = noise(two, width)
    size1, size2 = np.sum(one.a**2, axis=-1), np.sum(two.a**2, axis=-1)
    cross = np.einsum("tj,jk,tk->t", one.a, overlaps**2, two.a)
    cka = cross / np.sqrt(size1 * size2 * (1 + x1) * (1 + x2))
    eye = np.eye(overlaps.shape[0])
    seen1 = np.einsum("jk,tk,lk->tjl", overlaps, two.a, overlaps)
    seen2 = np.einsum("kj,tk,kl->tjl", overlaps, one.a, overlaps)
    B1 = seen1 / cross[:, None, None] - (one.a / size1[:, None])[:, :, None] * eye
    B2 = seen2 / cross[:, None, None] - (two.a / size2[:, None])[:, :, None] * eye
    first = (square(one.v, B1) + square(two.v, B2)) / (width * replicas)
    second = (s1**2 + s2**2) / (2 * replicas) + s1 * s2 / replicas**2
    return cka, cka * np.sqrt(first + second)


def _loss(
    params: Params, one: Response, s: np.ndarray, outputs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean loss of the wide networks, and its standard deviation, (record,) each."""
    wide, replicas = WIDER * params.width, params.replicas
    e = s - one.p
    loss = (np.sum(e**2, axis=-1) + outputs - np.sum(s**2) + one.rest / wide) / 2
    first = np.sum(e**2 * one.own, axis=-1) / (wide * replicas)
    second = (one.rest / wide) ** 2 / (2 * params.components * replicas)
    return loss, np.sqrt(first + second)


def _places(task: Task, a: np.ndarray, V: np.ndarray, replicas: int) -> np.ndarray:
    """Where infinitely wide networks put the mean of every digit, (shot, net x digit, 2).

    m'Av_j of a mean m and an axis v_j, with A of diagonal a (shot, input) in the basis V'.
    """
    means, axes = images.class_means(task["X"], task["y"]) @ V.T, V @ task["axes"]
    return np.tile(np.einsum("cl,tl,lj->tcj", means, a, axes), (1, replicas, 1))


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Alikeness of every group, dimensions, loss, and where the digits go.

    `allowed_` and a name is how far a run may be off there, (record,): four standard deviations,
    three of the moment at which its weakest mode leaves the start, and the next order of the noise.
    `floor` is the alikeness of networks one of which sees the images in another order. `curve_`
    are alikenesses at the start and at the end over all widths.
    """
    steps, N, R = schedule.record_steps, params.width, params.replicas
    one, V = _of(params, task, "target", steps)
    two, V2 = _of(params, task, "target_other", steps)
    s, s2 = (images.modes(task[name])[0] for name in ("target", "target_other"))
    pairs = np.sqrt(2 / R + 2 / (R * (R - 1)))
    x, sd, rank = noise(one, N)
    x_wide, sd_wide, _ = noise(one, WIDER * N)
    apart = (N - 1) / (N * (1 + x) - rank - 2)
    found = {
        "cka_narrow": (1 / (1 + x), sd * pairs / (1 + x) ** 2),
        "cka_wide": (1 / (1 + x_wide), sd_wide * pairs / (1 + x_wide) ** 2),
        "cka_other": _alike_others(one, two, V @ V2.T, N, R),
        "debiased": (apart, apart**2 * np.sqrt((sd * pairs) ** 2 + 8 * rank / (N**3 * R))),
    }
    late = np.sqrt(2 / (N * R)) / s[-1]
    lates = {"cka_wide": 0.5 * late, "cka_other": late * max(1.0, float(s[-1] / s2[-1]))}
    first = first_noise(params)
    out = {}
    for name, (curve, deviation) in found.items():
        slope = np.abs(np.gradient(curve, float(task["eta"]) * steps)) if len(steps) > 1 else 0.0
        order = NEXT_ORDER * (first / WIDER if name == "cka_wide" else first) ** 2
        allowed = DEVIATIONS * deviation + 3 * slope * lates.get(name, late) + order
        out |= {name: ("record", curve), f"allowed_{name}": ("record", allowed)}
    loss, deviation = _loss(params, one, s, len(task["target"]))
    allowed = OF_LOSS * deviation + loss[0] * (ROUNDING + NEXT_ORDER * (first / WIDER) ** 2)
    shots = schedule.snapshot_records
    names = ("cka_narrow", "cka_wide", "cka_other")
    ends = {f"{name}_final": ((), float(found[name][0][-1])) for name in names}
    places = ("snapshot", "point", "axis")
    return xr.Dataset(
        {
            **out,
            **ends,
            "loss": ("record", loss),
            "allowed_loss": ("record", allowed),
            "dimension_narrow": ("record", rank / (1 + x)),
            "dimension_wide": ("record", rank / (1 + x_wide)),
            "floor": ((), float((rank / (1 + x))[-1] / (len(task["X"]) - 1))),
            "places": (places, _places(task, one.a[shots], V, R)),
            "places_other": (places, _places(task, two.a[shots], V2, R)),
            "digit": ("point", np.tile(np.arange(images.CLASSES), R)),
            "network": ("point", np.repeat(np.arange(R), images.CLASSES)),
            "curve_start": ("curve_width", 1 / (1 + x[0] * N / WIDTHS)),
            "curve_end": ("curve_width", 1 / (1 + x[-1] * N / WIDTHS)),
            "width_here": ((), float(N)),
        },
        coords={
            "point": [f"{c} of network {r + 1}" for r in range(R) for c in range(images.CLASSES)],
            "curve_width": WIDTHS,
        },
    )
