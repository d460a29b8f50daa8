"""What the theory wants of a real network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr

from sims.core.experiment import Assumption, Task
from sims.core.knobs import filled
from sims.core.sentences import said
from sims.neural_collapse import ends
from sims.neural_collapse.assumptions import room_for_simplex, signal_survives
from sims.neural_collapse.real_network import theory

if TYPE_CHECKING:
    from sims.neural_collapse.real_network.params import Params

GIVEN_UP = 0.35
WEIGHTS_PER_SAMPLE = {"mlp": 8, "cnn": 60, "transformer": 80}
"""Weights that are shared between places count for less each."""
FEWEST_HIDDEN = 64
DEPTHS = (2, 3)
STEP_TIME = {"mlp": 0.1, "cnn": 0.24, "transformer": 0.25}
EPOCHS = 150
ORDINARY_TIME = 1
ETAS = (5e-4, 5e-3)
MOST_RANDOM = 400
RANDOM_EPOCHS = 1500
RANDOM_WEIGHTS = 50
LITTLE_DECAY = 1e-4
LEAST_APART = 0.1
"""Two moons with noise 0.1 (0.17 apart) and iris (0.15) land, moons with noise 0.15 (0.04) not."""
ROUNDING = 1 + 1e-9


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """Every assumption, held or broken; the last three are questions for decay on every layer."""
    del prediction
    s, found = theory.setting(params), theory.optimum_of(params)
    survives = found is None or found.survives
    return [
        _decay_on_features(params),
        room_for_simplex(filled(params.width), ends.room(s)),
        signal_survives(s, survives),
        _no_class_given_up(params),
        _features_anywhere(params),
        _trained_long_enough(params),
        _labels_fit(params),
        *([_classes_apart(float(task["apart"]))] if "apart" in task else []),
        *(_of_ordinary_training(params) if params.decay == "weights" else []),
    ]


def _decay_on_features(params: Params) -> Assumption:
    held = params.decay == "features"
    sentence = (
        "Only the last features and the classifier decay, as in the theory."
        if held
        else "Weight decay acts on every layer: it also lowers the rank, and the simplex of equal "
        "sides is no longer the cheapest arrangement."
    )
    return Assumption("decay_on_features", "decay on the features", sentence, held)


def _no_class_given_up(params: Params) -> Assumption:
    x = theory.given_up(params)
    held = x <= GIVEN_UP * ROUNDING
    sentence = f"K c/√(n_min/n̄) = {said(x, 3)}, held up to {GIVEN_UP}"
    sentence += (
        "."
        if held
        else ": with more decay, or too few samples, a class can be given up early in training and "
        "never come back."
    )
    return Assumption("no_class_given_up", "no class given up", sentence, held, x)


def _features_anywhere(params: Params) -> Assumption:
    per_sample = theory.weights_below(params) / float(theory.setting(params).sizes.sum())
    least = WEIGHTS_PER_SAMPLE[params.architecture]
    held = per_sample >= least
    sentence = f"{said(per_sample, 3)} weights per sample (held from {least})"
    if params.architecture == "mlp":
        hidden, depth, (low, high) = filled(params.hidden), filled(params.depth), DEPTHS
        held = held and hidden >= FEWEST_HIDDEN and low <= depth <= high
        sentence += (
            f", hidden {hidden} (held from {FEWEST_HIDDEN}), depth {depth} "
            f"(held for {low} and {high})"
        )
    sentence += (
        "." if held else ": the network may not reach every arrangement of its training features."
    )
    return Assumption("features_anywhere", "features anywhere", sentence, held, least / per_sample)


def _trained_long_enough(params: Params) -> Assumption:
    eta, c = filled(params.eta), theory.setting(params).c
    x, passes = eta * float(filled(params.steps)) * c, theory.epochs(params)
    least = STEP_TIME[params.architecture]
    low, high = ETAS
    rate = params.optimizer == "adam" and low / ROUNDING <= eta <= high * ROUNDING
    held = rate and x * ROUNDING >= least and passes >= EPOCHS
    sentence = (
        f"η steps c = {said(x, 3)} (held from {least}, adam), {said(passes, 3)} epochs "
        f"(held from {EPOCHS})"
    )
    if params.optimizer == "adam" and not rate:
        sentence += f", η = {said(eta, 3)} (held from {said(low)} to {said(high)})"
    sentence += "." if held else ": the run may end before the end state."
    return Assumption(
        "trained_long_enough", "trained long enough", sentence, held, least / max(x, 1e-12)
    )


def _labels_fit(params: Params) -> Assumption:
    N = float(theory.setting(params).sizes.sum())
    random = round(float(params.label_noise) * N)
    passes, per_sample = theory.epochs(params), theory.weights_below(params) / N
    held = random == 0 or (
        random <= MOST_RANDOM and passes >= RANDOM_EPOCHS and per_sample >= RANDOM_WEIGHTS
    )
    sentence = "All labels are true."
    if random:
        sentence = (
            f"{random} samples carry a random label (held up to {MOST_RANDOM}), "
            f"{said(passes, 3)} epochs (held from {RANDOM_EPOCHS}), {said(per_sample, 3)} weights "
            f"per sample (held from {RANDOM_WEIGHTS})"
        )
        sentence += "." if held else ": memorising them takes a larger net or a longer run."
    return Assumption("labels_fit", "labels that fit", sentence, held, random)


def _classes_apart(apart: float) -> Assumption:
    """Of data of one's own; digits and mixture are 0.5 and more apart."""
    held = apart * ROUNDING >= LEAST_APART
    sentence = (
        f"The nearest two samples of different labels are {said(apart, 3)} of a sample's length "
        f"apart, held from {LEAST_APART}"
    )
    sentence += "." if held else ": telling them apart takes steeper features than decay lets grow."
    return Assumption(
        "classes_apart", "classes apart", sentence, held, LEAST_APART / max(apart, 1e-12)
    )


def _of_ordinary_training(params: Params) -> list[Assumption]:
    passes, time = theory.epochs(params), filled(params.eta) * float(filled(params.steps))
    real = params.data != "mixture"
    enough = passes * ROUNDING >= EPOCHS and time * ROUNDING >= ORDINARY_TIME
    return [
        _little_decay(params),
        Assumption(
            "real_data",
            "real data",
            "The layers separate real digits."
            if params.data == "digits"
            else "The layers separate data of one's own, which are taken for real."
            if real
            else "The law was found on real data; a mixture of Gaussians is separated by the first "
            "layers, and the others have nothing left to do.",
            real,
        ),
        Assumption(
            "many_epochs",
            "many epochs",
            f"η steps = {said(time, 3)} (held from {ORDINARY_TIME}), {said(passes, 3)} epochs "
            f"(held from {EPOCHS})"
            + ("." if enough else ": the run may end before the law holds."),
            enough,
            EPOCHS / max(passes, 1e-12),
        ),
    ]


def _little_decay(params: Params) -> Assumption:
    decay = float(params.weight_decay)
    held = decay <= LITTLE_DECAY
    sentence = f"Weight decay {said(decay, 3)}, held up to {said(LITTLE_DECAY)}"
    sentence += "." if held else ": decay flattens the steady layer-by-layer separation."
    return Assumption("little_decay", "little decay", sentence, held, decay)


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    del task, prediction
    s, found = theory.setting(params), theory.optimum_of(params)
    lines = []
    if params.decay == "features" and found is not None and not found.survives:
        lines.append(
            f"Total collapse predicted: K c = {said(s.classes * s.c, 3)}. Decay wins, features "
            "and classifier shrink to zero."
        )
    if not s.balanced:
        lines.append(
            "The classes differ in size: a simplex of equal sides is not the optimum; compare with "
            "the dashed theory of these class sizes."
        )
    if filled(params.width) < ends.room(s):
        lines.append(
            f"d = {filled(params.width)} leaves no room for the predicted arrangement: L* is a "
            "lower bound that no arrangement reaches."
        )
    return lines
