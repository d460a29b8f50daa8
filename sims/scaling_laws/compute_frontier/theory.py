"""The loss of every size at every step, the edge none of them crosses, and where it is touched.

The exact averages are those of `averages`; slope, best size and the one curve of all sizes are
derived from them by pen and paper. Nothing here sees a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.scaling_laws.averages import ConstantRate
from sims.scaling_laws.compute_frontier.params import FIRST_STEPS, widths
from sims.scaling_laws.pen_and_paper import best_width, best_x, one_curve
from sims.scaling_laws.problem import Problem, feedback, tail

if TYPE_CHECKING:
    from sims.scaling_laws.compute_frontier.params import Params

BUDGETS = 13
SMALLEST, EARLIEST, FEWEST, FLATTEST = 8, 100, 10.0, 0.01
"""Of size, steps, 2 eta t and x, from which on all sizes are on one curve."""


def budgets(width: int, sizes: int, batch_size: int, steps: int) -> np.ndarray:
    """Computes M B t, (budget,): ten steps of the largest size to all of the third smallest."""
    ms = widths(width, sizes)
    most = ms[-3] * batch_size * steps
    return np.geomspace(FIRST_STEPS * ms[0] * batch_size, most, BUDGETS)


def at_budgets(
    compute: np.ndarray, steps: np.ndarray, values: np.ndarray, ms: np.ndarray, batch_size: int
) -> np.ndarray:
    """Positive values (record, size) at each budget, (budget, size).

    Linear in the logarithms of steps and values; NaN where a size has not spent as much.
    """
    found = np.full((len(compute), len(ms)), np.nan)
    for k, m in enumerate(ms):
        t = compute / (m * batch_size)
        spent = t <= steps[-1] * (1 + 1e-12)
        line = np.interp(np.log(t[spent]), np.log(steps[1:]), np.log(values[1:, k]))
        found[spent, k] = np.exp(line)
    return found


def slope(compute: np.ndarray, values: np.ndarray) -> float:
    """Least squares of ln value on ln compute."""
    x = np.log(compute) - np.log(compute).mean()
    return float(x @ np.log(values) / (x @ x))


def smallest_loss(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least loss at each budget and the index of its size, both (budget,)."""
    at = np.nanargmin(losses, axis=1)
    return losses[np.arange(len(at)), at], at


def _lead(losses: np.ndarray, relative: np.ndarray, best: np.ndarray) -> np.ndarray:
    """By how many of its units the best size leads, (budget,): 0.1 % and standard errors of both.

    Losses and their relative errors are (budget, size); a size without rivals leads by nothing.
    """
    rows = np.arange(len(best))
    unit = 0.001 + relative + relative[rows, best][:, None]
    ahead = np.log(losses / losses[rows, best][:, None]) / unit
    ahead[rows, best] = np.nan  # nothing is ahead of itself
    least = np.nan_to_num(ahead, nan=np.inf).min(axis=1)
    return np.where(np.isfinite(least), least, 0.0)


def _slope_error(compute: np.ndarray, relative: np.ndarray) -> float:
    """Standard error of the slope, from those of ln loss at the budgets, taken as independent."""
    x = np.log(compute) - np.log(compute).mean()
    return float(np.sqrt(np.sum((x * relative) ** 2)) / (x @ x))


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Loss of every size, the least of them at every compute, and what pen and paper say of both.

    `law_loss` is the one curve of all sizes in the units of each, `guess_loss` its baseline; both
    are NaN where a size is not on it yet. `law_frontier` and `law_width` are for sizes without gap.
    """
    a, b, B, eta = float(params.a), float(params.b), int(params.batch_size), float(task["rate"])
    ms, steps = np.array(widths(params.width, params.sizes)), schedule.record_steps
    loss, spread, F = _of_sizes(params, task, ms, steps)
    error = spread / np.sqrt(int(params.replicas))
    compute = budgets(params.width, params.sizes, B, int(steps[-1]))
    relative = error / loss
    relative[0] = relative[1]  # nothing scatters at the start, and zero has no logarithm
    at_compute, relative = (at_budgets(compute, steps, v, ms, B) for v in (loss, relative))
    frontier, best = smallest_loss(at_compute)
    chosen = relative[np.arange(BUDGETS), best]
    s, floor, x = (b - 1) / a, task["tails"] / (1 - F), eta * steps[:, None] * (ms + 0.5) ** -a
    is_late = (steps >= EARLIEST) & (2 * eta * steps >= FEWEST)
    there = is_late[:, None] & (x > FLATTEST) & (ms >= SMALLEST)
    later = np.where(there, x, 1.0)
    star = best_x(a, b)
    height, law_width = one_curve(np.array([star]), s)[0], best_width(compute, a, b, eta, B)
    law_tails = np.array([tail(b, m) for m in law_width])
    return xr.Dataset(
        {
            "loss": (("record", "size"), loss),
            "spread": (("record", "size"), spread),
            "standard_error": (("record", "size"), error),
            "law_loss": (("record", "size"), np.where(there, floor * one_curve(later, s), np.nan)),
            "guess_loss": (
                ("record", "size"), np.where(there, floor * floor_and_power(later, s), np.nan)
            ),
            "spent": (("record", "size"), steps[:, None] * (B * ms).astype(float)),
            "progress": (("record", "size"), x),
            "loss_at_compute": (("budget", "size"), at_compute),
            "lead": ("budget", _lead(at_compute, relative, best)),
            "frontier": ("budget", frontier),
            "best_width": ("budget", ms[best].astype(float)),
            "law_frontier": ("budget", law_tails * height / (1 - F[0])),
            "law_width": ("budget", law_width),
            "frontier_slope": ((), slope(compute, frontier)),
            "scaling_exponent": ((), -(b - 1) / (1 + a)),
            "slope_error": ((), _slope_error(compute, chosen)),
            "best_x": ((), star),
            "best_height": ((), float(height)),
            "curve_power": ((), s),
            "floor_of_size": ("size", floor),
            "feedback": ("size", F),
        },
        coords={"size": ms, "compute": ("budget", compute)},
    )  # fmt: skip


def _of_sizes(
    params: Params, task: Task, ms: np.ndarray, steps: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean loss and its standard deviation over runs, both (record, size), and F, (size,)."""
    eta, B = float(task["rate"]), int(params.batch_size)
    found, fed = [], []
    for m, beyond in zip(ms, task["tails"], strict=True):
        held = task["lam"][:m], task["targets"][0, :m]
        problem = Problem(*held, float(beyond), float(params.noise) ** 2 + float(beyond))
        found.append(ConstantRate(problem, eta, B).at(steps))
        fed.append(feedback(eta, problem.lam, B))
    loss, spread = (
        np.stack(each, axis=1)
        for each in zip(*((one.loss, one.spread) for one in found), strict=True)
    )
    return loss, spread, np.array(fed)


def floor_and_power(x: np.ndarray, s: float) -> np.ndarray:
    """What a sum of a floor and a power law would say of the one curve, 1 + s (2x)^-s Gamma(s)."""
    from scipy.special import gamma

    return 1 + s * (2 * x) ** -s * gamma(s)
