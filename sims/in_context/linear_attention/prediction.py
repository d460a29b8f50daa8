"""What is predicted of one layer: its falls, its rests, what it implements, and how surely."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.in_context.linear_attention import sequences, theory, training
from sims.in_context.linear_attention.params import Params, problem_of, weights_of

APART = 1.5
"""A rest is judged if the next fall comes at so many times the last one's time."""
FEWEST_STEPS = 5
SURE = 0.12
"""Scatter of a fall's time, relative to it, up to which the time is judged."""
CLOCK = 0.015
"""What reading a fall between two records, and finite batches, may cost its time, relative."""
SIGMAS = 3.5
DOTS = 100
"""Test sequences that are drawn."""
ASIDE = 6.5
"""How far apart the clouds of two components are drawn, in units of the task's variance."""


class Rests(NamedTuple):
    """Where the loss rests behind 1, 2, .. falls, (plateau,); NaN where it is not judged.

    `miss` is how far from its level the loss is there, even without noise, relative to tr.
    """

    times: np.ndarray
    miss: np.ndarray


def rests(problem: theory.Problem, loss: np.ndarray, times: np.ndarray, t: np.ndarray) -> Rests:
    """The flattest moments between falls t that are far enough apart; `loss` of the averaged map.

    Flattest: least |dL/d ln t|. Merged heads fall through all levels without a rest.
    """
    falls = np.sort(t)
    found = Rests(*np.full((2, max(len(t) - 1, 0)), np.nan))
    levels = problem.levels(np.argsort(t))
    with np.errstate(all="ignore"):
        steepness = np.abs(np.gradient(loss, times) * times)
    for m in range(1, len(t)):
        if problem.merged or not np.isfinite(falls[m]) or falls[m] < APART * falls[m - 1]:
            continue
        first, last = np.searchsorted(times, falls[m - 1 : m + 1])
        if last - first >= FEWEST_STEPS:
            at = first + int(np.argmin(steepness[first:last]))
            found.times[m - 1] = times[at]
            found.miss[m - 1] = abs(loss[at] - levels[m]) / problem.trace
    return found


def heat(problem: theory.Problem, t: np.ndarray, eta: float, batch_size: int) -> np.ndarray:
    """By how much, at most, noise in the silent entries delays each fall, (D,), relative."""
    order = np.argsort(t)
    finite = np.isfinite(t[order])
    levels = problem.levels(order[finite])
    if problem.merged:
        return 3.5 * eta * levels[-1] * problem.along_labels * t / batch_size
    before = np.full(len(t), levels[-1])
    before[order[finite]] = levels[:-1]
    lam = problem.lam
    drive = lam.max() * problem.fourth * (1 + 2 / problem.n)
    return 1.5 * eta * before * drive / (batch_size * lam**2)


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """Curves of the averaged map at once; then how its noisy copies scatter, and all that follows.

    `jump_times` and `spread` (component) are in the theory's time; `band` is what a time may be
    off by, relative. `answers_final` (sequence) are the final answers to the test sequences,
    `context_loss` (length) the loss of the final estimator on the very sequences of the run's test.
    """
    problem, eta, steps = problem_of(params), filled(params.eta), schedule.steps
    told = sequences.Sequences(task["test_x"], task["test_labels"], task["test_w"])
    with np.errstate(all="ignore"):
        U = theory.averaged(problem, weights_of(task), eta, steps)
        s = theory.diagonal(U) * problem.lam * problem.shrinkage
        times = eta * np.arange(steps + 1)
        t = theory.crossings(s, times)
        curves = _curves(problem, U, s, t, told, schedule)
        yield xr.Dataset(curves, attrs={"progress": 0.2})
        copies = theory.noisy(problem, weights_of(task), eta, steps, params.batch_size)
        yield xr.Dataset({**curves, **_rest(params, problem, U, times, t, copies, told)})


def _curves(
    problem: theory.Problem,
    U: np.ndarray,
    s: np.ndarray,
    t: np.ndarray,
    told: sequences.Sequences,
    schedule: Schedule,
) -> dict[str, Any]:
    """What follows from the map without noise."""
    records, shots = schedule.record_steps, schedule.snapshot_steps
    return {
        "loss": ("record", sequences.losses(U[records], told)),
        "strengths": (("record", "component"), s[records]),
        "matrix": (("snapshot", "input", "input2"), U[shots]),
        "reading": (("snapshot", "component"), s[shots] / problem.shrinkage),
        "jump_times": ("component", t, {"units": "time"}),
        "levels": ("level", _levels(problem, t, told)),
        "shrinkage": ("component", problem.shrinkage),
        "trace": ((), problem.trace),
        "context_trained": ((), float(problem.n)),
        **_dots(told),
    }


def _levels(problem: theory.Problem, t: np.ndarray, told: sequences.Sequences) -> np.ndarray:
    """Losses on the test sequences with 0, 1, .. components learned, as far as the run goes."""
    order = np.argsort(t)
    stages = [problem.learned(order[:m]) for m in range(int(np.isfinite(t).sum()) + 1)]
    return sequences.losses(np.stack(stages), told)


def _dots(told: sequences.Sequences) -> dict[str, Any]:
    """Where test tasks are drawn, the clouds of all components side by side.

    Each cloud in the order of its true coordinates, and an empty place behind it.
    """
    w, beta = told.w[:DOTS], told.beta[:DOTS]
    place, truth, component, seen = [], [], [], []
    for d in range(w.shape[1]):
        order = np.argsort(w[:, d])
        true = np.append(w[order, d], np.nan)
        truth.append(true)
        place.append(np.append(true[:-1], true[-2]) + ASIDE * d)
        component.append(np.full(len(true), d))
        seen.append(np.append(beta[order], np.full((1, w.shape[1]), np.nan), axis=0))
    return {
        "place": ("dot", np.concatenate(place)),
        "truth": ("dot", np.concatenate(truth)),
        "dot_component": ("dot", np.concatenate(component)),
        "beta": (("dot", "input"), np.concatenate(seen)),
    }


def _rest(
    params: Params,
    problem: theory.Problem,
    U: np.ndarray,
    times: np.ndarray,
    t: np.ndarray,
    copies: theory.Copies,
    told: sequences.Sequences,
) -> dict[str, Any]:
    """What the noisy copies tell, the rests, and the estimator of the end."""
    eta, B, tr = filled(params.eta), int(params.batch_size), problem.trace
    scattered = theory.crossings(copies.strengths[:, 1:], times)
    spread = np.where(np.isfinite(scattered).all(axis=0), scattered.std(axis=0), np.inf)
    delay = heat(problem, t, eta, B)
    order = np.argsort(t)
    learned = order[: int(np.isfinite(t).sum())]
    level = float(problem.levels(learned)[-1])
    flat = rests(problem, problem.loss(U), times, t)
    levels = _levels(problem, t, told)
    on_rests = np.pad(levels[1:], (0, len(t)), constant_values=np.nan)[: len(t) - 1]
    end, left = problem.learned(learned), problem.size(copies.end - problem.learned(learned))
    size = float(problem.size(end))
    context = [
        float(np.max(np.abs(problem.loss(copies.end, n) - problem.loss(end, n)))) / tr
        for n in sequences.LENGTHS
    ]
    return {
        "spread": ("component", spread, {"units": "time"}),
        "band": ("component", CLOCK + SIGMAS * spread / t + delay),
        "is_judged": ("component", (np.isfinite(t) & (spread < SURE * t)).astype(float)),
        "delay": ("component", delay),
        "plateau_times": ("plateau", flat.times, {"units": "time"}),
        "plateau_misses": ("plateau", flat.miss),
        "plateau_losses": ("plateau", np.where(np.isfinite(flat.times), on_rests, np.nan)),
        "loss_final": ((), float(levels[-1])),
        "answers_final": ("sequence", _answers(end, told)),
        "matrix_final": (("input", "input2"), end),
        "distance": ((), float(np.max(left)) / size if size else np.inf),
        "context_miss": ((), max(context)),
        "noise_floor": ((), eta * problem.noise_floor(learned) / (2 * B)),
        "sharpness": ((), eta * problem.label_curvature),
        "level_final": ((), level),
        **_contexts(params, problem, end),
    }


def _answers(U: np.ndarray, told: sequences.Sequences) -> np.ndarray:
    """What an estimator says to every test sequence, (sequence,)."""
    return np.sum((told.beta @ U) * told.x[:, -1], axis=1)


def _contexts(params: Params, problem: theory.Problem, end: np.ndarray) -> dict[str, Any]:
    """Losses at every length, (length,): of the final estimator, of one plain step, the best.

    One plain gradient step on the context at the rate that suits it best: U = c 1.
    """
    plain = np.eye(len(problem.lam)) * plain_rate(problem)
    found = []
    for n in sequences.LENGTHS:
        told = training.longer(params, n)
        losses = sequences.losses(np.stack([end, plain]), told)
        found.append([*losses, sequences.best_possible(told, float(params.noise))])
    own, step, best = np.transpose(found)
    return {
        "context_loss": ("length", own),
        "context_loss_plain": ("length", step),
        "context_loss_best": ("length", best),
        "length": ("length", np.array(sequences.LENGTHS, float)),
    }


def plain_rate(problem: theory.Problem) -> float:
    """The best rate of one plain gradient step, sum lam^2 / sum M lam."""
    return float(np.sum(problem.lam**2) / np.sum(problem.moments * problem.lam))
