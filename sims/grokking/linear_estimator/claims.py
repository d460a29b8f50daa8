"""Assumptions of the Marchenko-Pastur theory, measured counterparts, and the claims."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import absent, at_times, largest_gap
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.knobs import filled
from sims.core.sentences import share
from sims.grokking.linear_estimator import theory
from sims.grokking.linear_estimator.chance import WIDEST_EDGE, WIDEST_REPLICAS
from sims.grokking.passage import falls_to

if TYPE_CHECKING:
    from sims.grokking.linear_estimator.params import Params

DEEP = 10.0
SPARE = 0.1
"""Share that a run must go beyond the predicted moment before never counts as an answer."""
DEVIATIONS = 5.0


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken."""
    del task
    edge, chance = float(prediction["edge_width"]), float(prediction["replica_spread"])
    tail = float(prediction.attrs["tail"])
    there = prediction.attrs["ratio"] < 1 and float(params.weight_decay) == 0
    left = f"{share(chance)} of chance" if chance < 1 else "nothing but chance"
    known = f"known to {share(edge)}" if math.isfinite(edge) else "zero up to chance"
    return [
        Assumption(
            "sharp_edge",
            "sharp edge",
            f"The smallest eigenvalue is {known}; above 4 % each sample has its own edge and the "
            "Marchenko-Pastur time is not its time.",
            edge <= WIDEST_EDGE,
            edge,
        ),
        Assumption(
            "many_replicas",
            "many outputs",
            f"{params.replicas} outputs leave {left} in the grokking time; "
            "above 2 % a single teacher shows.",
            chance <= WIDEST_REPLICAS,
            chance,
        ),
        Assumption(
            "deep_tail",
            "deep in the tail",
            f"The threshold lies {tail:.1f} decay times into the tail; the edge formula needs 10."
            if there
            else "The edge formula is for ratios below 1 without weight decay.",
            bool(there and tail >= DEEP),
            tail,
        ),
    ]


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """When each loss reached L*, ln-linear between records, and the ratio of the two times."""
    del params, task
    level, steps = float(prediction["loss_level"]), run["step"].values
    train, grok = (
        falls_to(steps, run[name].values, level, log=True) for name in ("train_loss", "test_loss")
    )
    return xr.Dataset(
        {
            "train_time": ((), train, {"units": "steps"}),
            "grok_time": ((), grok, {"units": "steps"}),
            "delay": ((), grok / train if train > 0 else np.nan),
        }
    )


# Why nothing is compared


def _not_reached(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del params
    if not math.isfinite(float(prediction["grok_time_sample_exact"])):
        return "it is predicted never to come."
    return "the run did not reach it." if math.isnan(float(run["grok_time"])) else ""


def _too_short(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del prediction
    unseen = math.isnan(float(run["grok_time"]))
    return f"{int(filled(params.steps))} steps are too few to see it." if unseen else ""


# When, and over what


def last_step(params: Params, prediction: xr.Dataset) -> float:
    """Steps of the run."""
    del prediction
    return float(filled(params.steps))


def is_high(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Records whose predicted test loss is above L*/3, (record,)."""
    del params
    foreseen = prediction["test_loss_sample_exact"].values[: run.sizes["record"]]
    return foreseen > float(prediction["loss_level"]) / 3


def spread_of_loss(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """One standard deviation of the sample-exact test loss between replicas, (record,)."""
    del params
    return (prediction["test_loss_spread"] * prediction["test_loss_sample_exact"]).values


# How closely


def accuracy_tolerance(name: str) -> Callable[[Params, xr.Dataset], float]:
    """What replicas and the edge may move an accuracy by: `chance.accuracy_spread`."""
    return lambda _params, prediction: float(prediction[f"{name}_spread"])


def train_time_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """T_t of `chance.spreads`."""
    del params
    return float(prediction["train_time_spread"])


def grok_time_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """T_g of `chance.spreads`."""
    del params
    return float(prediction["grok_time_spread"])


def exact_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.005 + 3.5 s with the spread s of the replicas on this sample."""
    del params
    return float(prediction["grok_time_sample_exact_spread"])


# What would be guessed


def _alike(name: str) -> Baseline:
    """A curve or time if every direction were as fast as the mean one, ν = 1."""

    def guess(params: Params, task: Task, prediction: xr.Dataset) -> float | np.ndarray:
        del task
        found, nodes = theory.settings_of(params), theory.ALIKE
        if name.endswith("time"):
            return (theory.train_time if name == "train_time" else theory.grok_time)(found, nodes)
        losses = theory.losses(found, nodes, prediction["step"].values.astype(float))
        return theory.accuracy(found.eps, losses[0 if name.startswith("train") else 1])

    return Baseline("every direction as fast as the mean one", guess)


def _any_sample(name: str) -> Baseline:
    """A curve or time of the Marchenko-Pastur law."""
    return Baseline(
        "what holds for any sample", lambda _params, _task, prediction: prediction[name].values
    )


EDGE, CHANCE = "sharp_edge", "many_replicas"
BELOW = "the start is already below the threshold."
GAP = "largest gap at step {step}"


def _time(name: str, title: str, symbol: str) -> Claim:
    """A step at which a loss reaches L*; never, within a run that is long enough, is an answer."""
    tolerance, relies_on = {
        "train_time": (train_time_tolerance, (CHANCE,)),
        "grok_time": (grok_time_tolerance, (EDGE, CHANCE)),
    }[name]
    compare = at_times(
        name,
        until=last_step,
        spare=SPARE,
        never="neither theory nor run comes there; the test loss says where they stay.",
        short="{end} steps are too few to see it.",
        started=BELOW,
        at_missed="never, within {end} steps",
    )
    return Claim(
        name,
        compare,
        tolerance,
        relies_on=relies_on,
        title=title,
        symbol=symbol,
        on_divergence="not judged",
        baseline=_alike(name),
    )


CLAIMS = (
    Claim(
        "train_accuracy",
        largest_gap("train_accuracy", at=GAP),
        accuracy_tolerance("train_accuracy"),
        relies_on=(CHANCE,),
        unit="in the share",
        on_divergence="not judged",
        baseline=_alike("train_accuracy"),
    ),
    Claim(
        "test_accuracy",
        largest_gap("test_accuracy", at=GAP),
        accuracy_tolerance("test_accuracy"),
        relies_on=(EDGE, CHANCE),
        unit="in the share",
        on_divergence="not judged",
        baseline=_alike("test_accuracy"),
    ),
    _time("train_time", "train time", r"t_\mathrm{tr}"),
    _time("grok_time", "grokking time", r"t_\mathrm{gen}"),
    Claim(
        "grok_time_sample_exact",
        at_times("grok_time_sample_exact", "grok_time", started=BELOW),
        exact_tolerance,
        relies_on=(CHANCE,),
        title="grokking time, sample-exact",
        symbol=r"t_\mathrm{gen}",
        unless=(_not_reached,),
        on_divergence="not judged",
        baseline=_any_sample("grok_time"),
    ),
    Claim(
        "test_loss_sample_exact",
        largest_gap(
            "test_loss_sample_exact",
            "test_loss",
            over=spread_of_loss,
            within=is_high,
            at=GAP,
            empty="the loss is below a third of the threshold from the start.",
        ),
        DEVIATIONS,
        title="test loss, sample-exact",
        symbol=r"L_\mathrm{gen}",
        unit="standard deviations",
        on_divergence="not judged",
        baseline=_any_sample("test_loss"),
    ),
    Claim(
        "grok_time_asymptotic",
        at_times("grok_time_asymptotic", "grok_time"),
        grok_time_tolerance,
        relies_on=("deep_tail", EDGE, CHANCE),
        title="grokking time, edge formula",
        symbol=r"t_\mathrm{tr}+\Delta t",
        unless=(
            absent(
                "grok_time_asymptotic",
                "the edge formula is for ratios below 1 without weight decay.",
            ),
            _too_short,
        ),
        on_divergence="not judged",
        baseline=_alike("grok_time"),
    ),
)


def whitened(task: Task) -> Task:
    """Inputs of which every direction that a sample shows is as large as every other."""
    left, _, right = np.linalg.svd(task["X"], full_matrices=False)
    X = (np.sqrt(len(left)) * left @ right).astype(task["X"].dtype)
    return {**task, "X": X, "input_covariance": X.T @ X / X.dtype.type(len(X))}


CONTROLS = (Control("all directions are equally large", task=whitened),)
