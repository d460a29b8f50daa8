"""What the averaged layer wants, what is measured, and what is claimed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap
from sims.core.controls import OTHER_SEED, Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.sentences import said, share
from sims.in_context.linear_attention import sequences, theory
from sims.in_context.linear_attention.params import problem_of
from sims.in_context.linear_attention.prediction import plain_rate

if TYPE_CHECKING:
    from sims.in_context.linear_attention.params import Params

QUIET, SLOW, COOL = 0.006, 0.6, 0.1
FLAT = 0.02
RESTED = 0.05
TIED = 0.05
NEAREST = 5
"""Records whose median is the loss of a rest."""


# Measured


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Times of the falls, losses of the rests, the final answers of the averaged layer.

    What is read off snapshots is left out where there are none.
    """
    loss, time = np.asarray(run["loss"].values, float), run["time"].values
    strengths = np.asarray(run["strengths"].values, float)
    with np.errstate(invalid="ignore"):
        t = theory.crossings(strengths, time)
    rests = [
        float(np.median(loss[np.argsort(np.abs(time - at))[:NEAREST]]))
        if at <= time[-1]
        else np.nan
        for at in prediction["plateau_times"].values
    ]
    found = {
        "jump_times": ("component", np.where(np.isfinite(t), t, np.nan), {"units": "time"}),
        "plateau_losses": ("plateau", np.array(rests, float)),
        "loss_final": ((), float(loss[-1])),
    }
    if run.sizes.get("snapshot"):
        told = sequences.Sequences(task["test_x"], task["test_labels"], task["test_w"])
        U = np.asarray(run["matrix"].values[-1], float)
        found["context_loss"] = ("length", np.asarray(run["losses_at_lengths"].values[-1], float))
        found["answers_final"] = ("sequence", np.sum((told.beta @ U) * told.x[:, -1], axis=1))
    del params
    return xr.Dataset(found)


# Assumptions


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings; the last four once noise has been looked at."""
    del task
    found = [_linear_attention(params), _gaussian_inputs(params), _labels_only(params)]
    if "noise_floor" not in prediction:
        return found
    later = (_flat_plateaus, _long_enough, _no_coin_toss)
    return [*found, _quiet_steps(params, prediction), *(one(prediction) for one in later)]


def _linear_attention(params: Params) -> Assumption:
    """Whether the layer has no softmax."""
    held = params.attention != "softmax"
    words = "Attention is linear." if held else "The weights are a softmax, the theory's are not."
    return Assumption("linear_attention", "no softmax", words, held)


def _gaussian_inputs(params: Params) -> Assumption:
    """Whether inputs have the fourth moments of a Gaussian."""
    held = params.inputs == "gaussian"
    words = "Inputs are Gaussian." if held else "Inputs are ±√λ: their squares do not fluctuate."
    return Assumption("gaussian_inputs", "Gaussian inputs", words, held)


def _labels_only(params: Params) -> Assumption:
    """Whether values begin on labels, and keys on inputs."""
    held = params.start == "labels_only"
    words = (
        "Values begin on labels, keys on inputs."
        if held
        else "Heads start with keys on labels too and may swap the roles of key and value."
    )
    return Assumption("labels_only", "values on labels", words, held)


def _quiet_steps(params: Params, prediction: xr.Dataset) -> Assumption:
    """Whether the noise of a step neither lifts the loss nor delays the falls."""
    nu, sharp = float(prediction["noise_floor"]), float(prediction["sharpness"])
    judged = prediction["is_judged"].values > 0
    delay = float(np.max(prediction["delay"].values[judged], initial=0.0))
    held = nu <= QUIET and sharp <= SLOW
    words = (
        f"Noise keeps the loss {share(nu)} above its level (limit 0.6 %); the stiffest direction "
        f"sees {said(sharp)} (limit 0.6)"
    )
    if params.attention == "merged":
        held = held and delay <= COOL
        words += f"; it delays falls by up to {share(delay)} (limit 10 %)"
    return Assumption("quiet_steps", "quiet steps", f"{words}.", held, nu)


def _flat_plateaus(prediction: xr.Dataset) -> Assumption:
    """Whether the map itself comes to its levels."""
    miss = own_miss(prediction)
    words = (
        f"Even without noise the loss misses its level by {share(miss)} of tr Λ where it is "
        "flattest (limit 2 %)."
    )
    return Assumption("flat_plateaus", "flat plateaus", words, miss <= FLAT, miss)


def _long_enough(prediction: xr.Dataset) -> Assumption:
    """Whether the averaged layer has arrived at the end."""
    x = float(prediction["distance"])
    words = f"At the end the averaged network is still {share(x)} away (limit 5 %)."
    return Assumption("long_enough", "long enough", words, x <= RESTED, x)


def _no_coin_toss(prediction: xr.Dataset) -> Assumption:
    """Whether noise leaves the times of all falls as they are."""
    t, spread = prediction["jump_times"].values, prediction["spread"].values
    here = np.isfinite(t)
    if not here.any():
        return Assumption("no_coin_toss", "no coin toss", "Nothing falls within this run.", True)
    relative = np.where(here, spread / np.where(here, t, 1.0), 0.0)
    d = int(np.argmax(relative))
    held = bool(relative[d] <= TIED)
    words = f"Component {d + 1} falls at {said(t[d], 3)} ± {said(spread[d])}"
    words += " (limit 5 %)." if held else ": two heads compete (limit 5 %)."
    return Assumption("no_coin_toss", "no coin toss", words, held, float(relative[d]))


def own_miss(prediction: xr.Dataset) -> float:
    """How far the map itself is from its levels on the judged rests, of tr."""
    misses = prediction["plateau_misses"].values
    return float(np.max(misses, initial=0.0, where=np.isfinite(misses)))


# How closely


def _calm(prediction: xr.Dataset) -> float:
    """The noise floor, which widens a tolerance only as far as it is allowed."""
    return min(float(prediction["noise_floor"]), QUIET)


def _level(prediction: xr.Dataset) -> float:
    """The last level, of tr."""
    return float(prediction["level_final"] / prediction["trace"])


def of_plateaus(params: Params, prediction: xr.Dataset) -> float:
    """0.023 + the map's own miss, at most 0.02, + 4 nu L_end/tr."""
    del params
    return 0.023 + min(FLAT, own_miss(prediction)) + 4 * _calm(prediction) * _level(prediction)


def of_estimator(params: Params, prediction: xr.Dataset) -> float:
    """0.015 + twice the map's own distance, at most 0.03, + 2 nu."""
    del params
    return 0.015 + 2 * min(0.03, float(prediction["distance"])) + 2 * _calm(prediction)


def of_contexts(params: Params, prediction: xr.Dataset) -> float:
    """0.015 + 8 nu L_end/tr + what the map's own distance makes at other lengths, at most 0.02."""
    del params
    own = min(0.02, float(prediction["context_miss"]))
    return 0.015 + 8 * _calm(prediction) * _level(prediction) + own


def trace(params: Params, prediction: xr.Dataset) -> float:
    """The loss of silence."""
    del params
    return float(prediction["trace"])


def bands(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """What each time may be off by, relative, (component,)."""
    del params
    return prediction["band"].values


def is_judged(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Components that fall, at a time which noise hardly moves, (component,)."""
    del params, run
    return prediction["is_judged"].values > 0


def _nothing_learned(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del params, run
    learned = np.isfinite(prediction["jump_times"].values).any()
    return "" if learned else "nothing is predicted to be learned within this run."


# What would be guessed


def all_of_it(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """A learned direction gives back all its variance: what the others hold, (plateau,)."""
    del params
    order = np.argsort(prediction["jump_times"].values)
    parts = task["test_w"] * task["test_x"][:, -1]
    return np.array([np.mean(parts[:, order[m:]].sum(axis=1) ** 2) for m in range(1, len(order))])


def alone(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """Each direction relaxes by itself, at the rate of a plain regression: ln 2/(M lam)."""
    del task, prediction
    problem = problem_of(params)
    return np.log(2) / (problem.moments * problem.lam)


def plain_step(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The answers of one plain gradient step on the context, at its best rate, (sequence,)."""
    del prediction
    told = sequences.Sequences(task["test_x"], task["test_labels"], task["test_w"])
    return plain_rate(problem_of(params)) * np.sum(told.beta * told.x[:, -1], axis=1)


def plain_curve(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The loss of that step at every length, or that of silence, whichever is nearer."""
    del params, task
    theory_, step = prediction["context_loss"].values, prediction["context_loss_plain"].values
    silent = np.full(len(step), float(prediction["trace"]))
    return min((step, silent), key=lambda guess: float(np.max(np.abs(guess - theory_))))


THE_FOUR = ("linear_attention", "gaussian_inputs", "labels_only", "quiet_steps")
ENDS = (*THE_FOUR, "long_enough", "no_coin_toss")
SAME_ENDS = {OTHER_SEED: "seeds differ in where they start, and all come to the same levels."}

CLAIMS = (
    Claim(
        "jump_times",
        largest_gap(
            "jump_times", over="predicted", divided_by=bands, within=is_judged,
            at="component {component}", empty="noise decides when what is learned falls.",
        ),
        1.0,
        relies_on=THE_FOUR,
        unit="of the band",
        unless=(_nothing_learned,),
        baseline=Baseline("each direction relaxes alone", alone),
    ),
    Claim(
        "plateau_losses",
        largest_gap(
            "plateau_losses", over=trace, at="rest {plateau}",
            empty="no two falls are far enough apart for a rest.",
        ),
        of_plateaus,
        relies_on=(*THE_FOUR, "flat_plateaus", "no_coin_toss"),
        unit="of tr Λ",
        baseline=Baseline("a learned direction gives back all its variance", all_of_it),
        void=SAME_ENDS,
    ),
    Claim(
        "estimator_final",
        largest_gap("answers_final", vectors=True, over="largest", show="length", at="at the end"),
        of_estimator,
        relies_on=ENDS,
        title="final estimator",
        symbol=r"\beta^\top U x",
        unit="relative",
        unless=(_nothing_learned,),
        baseline=Baseline("one plain gradient step at its best rate", plain_step),
        void=SAME_ENDS,
    ),
    Claim(
        "context_curve",
        largest_gap("context_loss", over=trace, at="{length} examples"),
        of_contexts,
        relies_on=ENDS,
        title="loss at other context lengths",
        symbol="L(n)",
        unit="of tr Λ",
        unless=(_nothing_learned,),
        baseline=Baseline("one plain gradient step, or silence", plain_curve),
        void=SAME_ENDS,
    ),
)  # fmt: skip

CONTROLS = (
    Control(
        "every sequence is asked for another one's answer",
        task=lambda task: {**task, "strangers": np.array(1, np.int32)},
    ),
)
