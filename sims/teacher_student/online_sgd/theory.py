"""The curve of the error and the scatter of single runs around it, from the actual start.

To leading order in 1/d the overlaps follow `equations.Overlaps.rates`; what is left of chance is
Gaussian with a covariance that follows the linearised equations (derived here; the linear noise
expansion of Barber, Saad and Sollich, Europhys. Lett. 34, 151, 1996):

    dP/dt = J P + P J' + D/d,    P(0) = 0,

J the derivative of the rates and D the covariance of a single step's change.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.teacher_student.online_sgd.equations import Overlaps

if TYPE_CHECKING:
    from sims.teacher_student.online_sgd.params import Params

LONGEST = 0.5
"""A step of the integration, at most, in examples per dimension; over the rate above 2."""
BLOCK, BLOCKS = 512, 32
"""Normal points of one average over a step, and how many such sets take turns: what one of them
errs by, the next one does not."""
CHUNK = 32
"""Steps whose derivatives are taken at once: what a processor's cache holds."""
DIFFERENCE = 1e-6
LEAST = 1e-5
"""Error below which a run's overlaps, in single precision, tell no more."""
EARLIEST = 5.0
"""The plateau is looked for after that time: the very first fall is as flat as nothing."""


class Way(NamedTuple):
    """States at all steps of the integration, at their middles, and which of them are records."""

    states: np.ndarray
    middles: np.ndarray
    lengths: np.ndarray
    records: np.ndarray


def integrated(of: Overlaps, x: np.ndarray, times: np.ndarray, eta: float, noise: float) -> Way:
    """The mean way from x through the record times, by the classical Runge-Kutta method."""
    longest = min(LONGEST, 1 / eta)
    counts = np.maximum(1, np.ceil(np.diff(times) / longest - 1e-9)).astype(int)
    lengths = np.repeat(np.diff(times) / counts, counts)
    states, middles = np.empty((len(lengths) + 1, len(x))), np.empty((len(lengths), len(x)))
    states[0] = x
    for n, h in enumerate(lengths.tolist()):
        k1 = of.rates(x, eta, noise)
        k2 = of.rates(x + h / 2 * k1, eta, noise)
        middles[n] = x + h / 2 * k2
        k3 = of.rates(middles[n], eta, noise)
        k4 = of.rates(x + h * k3, eta, noise)
        x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        states[n + 1] = x
    return Way(states, middles, lengths, np.append(0, np.cumsum(counts)))


@lru_cache(maxsize=16)
def normal_points(columns: int) -> np.ndarray:
    """Evenly spread standard normal points, (block, point, column)."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    even = qmc.Sobol(columns, rng=np.random.default_rng(0)).random(BLOCK * BLOCKS)
    return ndtri(np.clip(even, 1e-9, 1 - 1e-9)).reshape(BLOCKS, BLOCK, columns)


def covariances(of: Overlaps, way: Way, d: int, eta: float, noise: float) -> np.ndarray:
    """P at the records, (record, n, n).

    Over a step P <- E (P + N/2) E' + N/2 with E = exp(hJ) to third order and N = hD/d, both from
    the step's middle.
    """
    n, Z = of.size, normal_points(len(of.signs) + 1)
    one, kept = np.eye(n), np.zeros((len(way.records), n, n))
    P, row = np.zeros((n, n)), 1
    for first in range(0, len(way.lengths), CHUNK):
        middle, h = way.middles[first : first + CHUNK], way.lengths[first : first + CHUNK]
        around = np.concatenate([middle[:, None], middle[:, None] + DIFFERENCE * one], axis=1)
        rates = of.rates(around, eta, noise)
        hJ = h[:, None, None] * (rates[:, 1:] - rates[:, :1]).mT / DIFFERENCE
        blocks = Z[np.arange(first, first + len(h)) % BLOCKS]
        D = of.draws(of.covariance(middle), eta, noise, blocks)
        N = h[:, None, None] / d * D
        E = one + hJ @ (one + hJ / 2 @ (one + hJ / 3))
        for k in range(len(h)):
            P = E[k] @ (P + N[k] / 2) @ E[k].T + N[k] / 2
            if first + k + 1 == way.records[row]:
                kept[row] = P
                row += 1
    return kept


def error_deviation(of: Overlaps, x: np.ndarray, P: np.ndarray) -> np.ndarray:
    """Standard deviation of ε at every record, √(∇ε·P∇ε), (record,)."""
    shifts = DIFFERENCE * np.eye(of.size)
    slope = (of.error(x[:, None] + shifts) - of.error(x[:, None] - shifts)) / (2 * DIFFERENCE)
    return np.sqrt(np.maximum(np.einsum("ri,rij,rj->r", slope, P, slope), 0.0))


class Fall(NamedTuple):
    """When the plateau has ended: at half its level. Infinite if never, NaN where none is seen."""

    time: float
    level: float
    deviation: float
    """Of the time, relative."""


def specialisation(t: np.ndarray, eps: np.ndarray, sd: np.ndarray) -> Fall:
    """The plateau is where ln ε is flattest after t = 5; the fall is past at half the error there.

    Between records ln ε is taken as linear in t.
    """
    logs = np.log(eps)
    slope = np.gradient(logs, t)
    later = np.flatnonzero(t >= EARLIEST)
    if not len(later):
        return Fall(np.nan, np.nan, np.nan)
    flattest = later[np.argmax(slope[later])]
    level = float(eps[flattest]) / 2
    time = falls_below(t[flattest:], eps[flattest:], level)
    if np.isinf(time):
        return Fall(time, level, np.nan)
    pace = abs(np.interp(time, t, slope)) * time
    return Fall(time, level, float(np.interp(time, t, sd / eps) / pace))


def falls_below(t: np.ndarray, eps: np.ndarray, level: float) -> float:
    """First time at which ε is below a level, ln ε linear between records; infinite if never."""
    below = np.flatnonzero(eps < level)
    if not len(below):
        return np.inf
    i = below[0]
    if i == 0:
        return float(t[0])
    high, low = np.log(eps[i - 1] / level), np.log(eps[i] / level)
    return float(t[i - 1] + (t[i] - t[i - 1]) * high / (high - low))


def critical_rate(units: int) -> float:
    """Rate above which a student of as many units as the teacher cannot stay where it is perfect.

    A small error A_kl = E[δ_k δ_l] across the teacher obeys dA/dt = -η (GA + AG) + η² H:A with
    G_ik = E g'_i g'_k and H_ijkl = E g'_i g'_j g'_k g'_l; the rate is the first at which an
    eigenvalue is 0. Each mean is (2/π)^(number/2) times (1 + how often it occurs)^(-1/2) per unit.
    """
    one = np.eye(units)

    def mean(order: int) -> np.ndarray:
        counts = one[np.indices((units,) * order)].sum(axis=0)
        return (2 / np.pi) ** (order / 2) / np.sqrt(np.prod(1 + counts, axis=-1))

    G, H = mean(2), mean(4).reshape(units**2, units**2)
    decay = np.kron(G, one) + np.kron(one, G)
    return float(1 / np.linalg.eigvals(np.linalg.solve(decay, H)).real.max())


def noise_floor(Q: np.ndarray, eta: float, noise: float) -> float:
    """Error of a settled student at a small rate: η σ² tr H/4, H_kk = E g'_k²."""
    return float(eta * noise**2 / (2 * np.pi) * np.sum((1 + 2 * np.diag(Q)) ** -0.5))


def scatter(of: Overlaps, x: np.ndarray, sd: np.ndarray) -> float:
    """Largest sd(C_ab)/√(v_a v_b) of all records and overlaps, with x and sd (record, overlap)."""
    v = 1 + np.diagonal(of.covariance(x), axis1=-2, axis2=-1)
    sizes = of.packed(*of.blocks(np.sqrt(v[..., :, None] * v[..., None, :])))
    return float(np.max(sd / sizes))


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """First the mean curves, then how far single runs stray from them."""
    W, B, d = task["W"], task["B"], int(params.d)
    eta, noise = float(params.eta), float(params.noise)
    of, t = Overlaps(len(W), len(B)), schedule.record_times
    way = integrated(of, of.packed(W @ W.T / d, W @ B.T / d), t, eta, noise)
    x = way.states[way.records]
    eps, (Q, R) = of.error(x), of.blocks(of.covariance(x))
    mean = xr.Dataset(
        {
            "eps": ("record", eps),
            "overlaps": (("record", "overlap"), x),
            "R": (("snapshot", "unit", "teacher_unit"), R[schedule.snapshot_records]),
        },
        coords={
            "overlap": of.names,
            "unit": np.arange(1, len(W) + 1),
            "teacher_unit": np.arange(1, len(B) + 1),
        },
    )
    if len(W) == len(B):
        mean["critical_eta"] = critical_rate(len(W))
    if noise:
        mean["noise_floor"] = noise_floor(Q[-1], eta, noise)
    yield mean
    P = covariances(of, way, d, eta, noise)
    sd_eps, sd = error_deviation(of, x, P), np.sqrt(np.diagonal(P, axis1=1, axis2=2))
    fall = specialisation(t, eps, sd_eps)
    seen = (eps >= LEAST) & (t > 0)
    yield mean.assign(
        sd_eps=("record", sd_eps),
        sd_overlaps=(("record", "overlap"), sd),
        specialisation_time=((), fall.time, {"units": "time"}),
        specialisation_level=fall.level,
        specialisation_deviation=fall.deviation,
        error_band=float(np.max(sd_eps / eps, initial=0.0, where=seen)),
        overlap_band=scatter(of, x, sd),
    )
