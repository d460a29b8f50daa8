"""What the laws want, what is measured behind a run, and what is claimed.

That the ledger of kinetic terms closes is no claim: it is made of the run's own steps, and closes
for a net that learns nothing. Nor is the slope of the leak against the step, which anyone guesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.sentences import said
from sims.symmetries.conservation_laws.charges import DEGREES, LEAKY

if TYPE_CHECKING:
    from sims.symmetries.conservation_laws.params import Params

ROUNDING = 1e-9
"""A hundred units in the last place, for each of some thousand steps."""
LARGEST = 0.09
"""A leak that is 10 % off must miss."""
INTEGRATOR = 0.004
"""Half of what Runge-Kutta of fourth order misses at one e-fold a step."""
KINK, KINKED = 0.03, 0.05
"""At relu's kinks path and integrator lose an order; the first is measured, not derived."""
SMALL_STEP = 0.28


def of_leak(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance 0.004 + x², with relu also 0.03 + 0.05 x; x² is twice the next order in the step.

    That is (1/2 - 1/(6 B²)) x² in the sharpest direction, B = (1+β)/(1-β).
    """
    x = float(prediction["step_sharpness"])
    kinks = KINK + KINKED * x if params.activation == "relu" else 0.0
    return min(LARGEST, INTEGRATOR + x * x + kinks)


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the law of the chosen symmetry wants; that of a leak wants more."""
    del task
    plain = Assumption(
        "plain_descent",
        "plain descent",
        "Adam scales each weight on its own: no symmetry of the loss survives."
        if params.optimizer == "adam"
        else "A step is a gradient times one number.",
        params.optimizer == "gd",
    )
    own = OWN[params.symmetry](params)
    if params.symmetry not in LEAKY:
        return [own, plain]
    found = [own, plain, _full_batch(params), _no_momentum(params)]
    if params.symmetry == "scale":
        found.append(_smooth(params))
    if "step_sharpness" in prediction:
        found.append(_small_step(float(prediction["step_sharpness"])))
    return found


def _softmax(params: Params) -> Assumption:
    held = params.loss_kind == "softmax"
    words = "Adding one number to all logits changes nothing only under a softmax."
    return Assumption("softmax", "softmax loss", words, held)


def _homogeneous(params: Params) -> Assumption:
    is_bare = params.normalisation == "off" and not params.bias
    more = (", with biases" if params.bias else "") + (
        "" if params.normalisation == "off" else ", normalised"
    )
    words = (
        f"The activation is {params.activation}{more}: scaling a neuron up and its output down "
        "must change nothing."
    )
    held = params.activation in DEGREES and is_bare
    return Assumption("homogeneous", "homogeneous activation", words, held)


def _linear(params: Params) -> Assumption:
    held = params.activation == "linear" and params.normalisation == "off" and not params.bias
    words = "Only a linear layer looks the same after a rotation of its units."
    return Assumption("linear", "linear hidden layer", words, held)


def _normalised(params: Params) -> Assumption:
    words = "The length of a neuron matters unless its output is normalised."
    return Assumption("normalised", "normalised layer", words, params.normalisation == "batch")


OWN = {
    "translation": _softmax,
    "rotation": _linear,
    "rescale": _homogeneous,
    "scale": _normalised,
}


def _full_batch(params: Params) -> Assumption:
    words = (
        f"Batches of {params.batch_size} of {params.n}: the noise of the gradient leaks too, many "
        "times what its mean does."
        if params.batch_size
        else "Every step sees all digits."
    )
    return Assumption("full_batch", "whole batch", words, params.batch_size == 0)


def _no_momentum(params: Params) -> Assumption:
    beta = float(params.momentum)
    words = (
        f"Momentum {said(beta)} starts from rest: its start is followed to first order only, and "
        "the leak is missed by 1 to 3 %, at worst 14 %."
        if beta
        else "Without momentum the path is smooth from the first step on."
    )
    return Assumption("no_momentum", "no momentum", words, beta == 0, beta)


def _smooth(params: Params) -> Assumption:
    held = params.activation != "relu"
    words = (
        f"The activation {params.activation} has no kinks."
        if held
        else "Behind a normalisation every step moves all examples across relu's kink together: "
        "the path misses the leak by up to 7 %."
    )
    return Assumption("smooth", "no kinks", words, held)


def _small_step(x: float) -> Assumption:
    words = f"Step times sharpness is {said(x)} (limit {SMALL_STEP})."
    return Assumption("small_step", "small step", words, x <= SMALL_STEP, x)


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """What has leaked, (record, unit), the largest at the end, and by how much the ledger is off.

    `ledger_drift` is the largest |ledger| over the largest squared length of the run.
    """
    del task
    if params.symmetry not in LEAKY:
        return xr.Dataset()
    leak = run["charge"] - prediction["decayed"].values[: run.sizes["record"]]
    lengths = max(float(run[name].max()) for name in ("norm_in", "norm_out"))
    out = run["norm_out"].values
    return xr.Dataset(
        {
            "leak": leak,
            "leak_largest": ((), float(np.abs(leak.values[-1]).max())),
            "travel_largest": ((), float(prediction["degree"]) * float(np.abs(out - out[0]).max())),
            "ledger_drift": ((), float(np.abs(run["ledger"]).max()) / lengths),
        }
    )


def _at_the_start(params: Params, prediction: xr.Dataset) -> float:
    """The largest charge that any unit begins with."""
    del params
    return float(np.abs(prediction["charge"].values[0]).max())


def _leaks(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Not judged by rounding where the charge is one that leaks."""
    del prediction, run
    return "this charge leaks, and its leak is judged." if params.symmetry in LEAKY else ""


CLAIMS = (
    Claim(
        "charge",
        largest_gap("charge", over=_at_the_start, at="unit {unit}, step {step}"),
        ROUNDING,
        relies_on=("softmax", "linear", "plain_descent"),
        unit="of the largest at the start",
        unless=(_leaks,),
        applies=lambda params: params.symmetry not in LEAKY,
    ),
    Claim(
        "leak",
        largest_gap(
            "leak", over="largest", at="unit {unit}, step {step}",
            absent="this charge leaks nothing.",
        ),
        of_leak,
        relies_on=(
            "homogeneous", "normalised", "smooth", "plain_descent", "full_batch", "no_momentum",
            "small_step",
        ),
        unit="of the largest leak",
        applies=lambda params: params.symmetry in LEAKY,
        baseline=Baseline("steps are infinitely small, and nothing leaks", 0.0),
        sees_ten_percent=False,
        because="behind relu's kinks a leak that comes 10 % late is within the tolerance; one that "
        "is 10 % too large is seen, and so is a learning rate 10 % off.",
    ),
)  # fmt: skip


def _shuffled(task: Task) -> Task:
    """Labels that belong to other digits."""
    order = np.random.default_rng(0).permutation(len(task["y"]))
    return {**task, "y": task["y"][order]}


CONTROLS = (
    Control("the labels are shuffled", task=_shuffled, claims=("leak",)),
    Control("the learning rate is 10 % larger", {"eta": 0.044}, claims=("leak",)),
    Control("Adam takes the place of descent", {"optimizer": "adam"}),
    Control("the activation is tanh", {"activation": "tanh"}, claims=("leak",)),
)
