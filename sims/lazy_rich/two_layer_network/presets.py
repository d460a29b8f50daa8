"""Presets of the two-layer network, each with the verdicts it states beforehand."""

from __future__ import annotations

from functools import partial

from sims.core.experiment import Preset, stated

_stated = partial(
    stated,
    (
        "train_loss",
        "mode_residuals",
        "test_function",
        "weight_change_final",
        "feature_change_final",
        "smooth_law",
        "catapult_slope",
        "rate_over_edge",
    ),
)
_WIDTHS = {"width": "16,32,64,128,256,512,1024"}
_CATAPULT = {"activation": "erf", "alpha": 30, "steps": 600}

PRESETS = (
    Preset(
        "lazy",
        "On the dashed line",
        "Test and train loss lie on the dashed curves, and nothing moves.",
        {"alpha": 50},
        _stated("L L n L L L - -"),
    ),
    Preset(
        "crossover",
        "Crossover",
        "The feature change falls short of its prediction: the features moved.",
        {"d": 5, "width": 256, "alpha": 0.3},
        _stated("D - D D D D - -"),
    ),
    Preset(
        "spokes",
        "Spokes",
        "Neurons gather on three rays (mass 0.20 to 0.99); no theory here predicts the rays.",
        {"activation": "relu", "alpha": 0.01},
        _stated("D D - D D D - -"),
    ),
    Preset(
        "kinks",
        "Kinks break the 1/α law",
        "The features move 4 to 7 times as far as the smooth law says.",
        {"activation": "relu", "d": 5, "width": 256, "alpha": 10},
        _stated("- L L n n D - -"),
    ),
    Preset(
        "wider_is_lazier",
        "Wider is lazier",
        "At fixed α the feature change falls like one over the root of the width.",
        {"hold": "alpha", "alpha": 1, "steps": 2000},
        {"width_slope": "lands"},
        over=_WIDTHS,
    ),
    Preset(
        "wider_is_not_lazier",
        "Wider is not lazier",
        "At fixed γ₀ the feature change does not care about the width.",
        {"hold": "gamma_0", "gamma_0": 1, "steps": 2000},
        {"width_slope": "not judged"},  # that the width does not matter is the guess, too
        over=_WIDTHS,
    ),
    Preset(
        "catapult",
        "Catapult",
        "The loss rises on the line, peaks near 2000, and comes back flatter.",
        {**_CATAPULT, "c": 1.3},
        _stated("D - - - - - L L"),
    ),
    Preset(
        "too_fast",
        "Too fast",
        "The loss leaves for good; the page says at which step.",
        {**_CATAPULT, "c": 2.2},
        _stated("- - - - - - L n"),
    ),
)
