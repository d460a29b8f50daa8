"""Presets of the deep linear network, each with the verdicts it states beforehand."""

from __future__ import annotations

from functools import partial

from sims.core.experiment import Preset, stated

_stated = partial(
    stated,
    (
        "mode_strengths",
        "mode_strengths_gradient_flow",
        "singular_values",
        "jump_times",
        "plateau_losses",
        "negative_curvatures",
        "first_escape_time",
    ),
)

_DEEP = {"depth": 3, "spectrum": (4, 2.5, 1.5), "d_in": 8, "d_out": 8, "width": 12}
_THREE = {**_DEEP, "alpha": 0.05}
_THREE_ALIGNED = {**_DEEP, "init": "aligned", "alpha": 0.1, "eta": 0.002}
_LAZY = {"alpha": 1}
_LAZY_BALANCED = {"init": "lambda_balanced", "alpha": 1, "width": 8}

PRESETS = (
    Preset(
        "staircase",
        "The staircase",
        "Look for four flat stretches: four drops, each where the dashed line said.",
        {},
        _stated("L L L L L L L"),
        compare={"optimizer": "polyak"},
        compare_title="heavy ball",
    ),
    Preset(
        "tiny_init",
        "Visiting the saddles",
        "Look at the gradient: it dips to saddles with 64, 45, 28, 13 and 0 ways down.",
        {"alpha": 1e-6},
        _stated("L L L L L L L"),
    ),
    Preset(
        "semantic_tree",
        "Animals and plants",
        "Look for broad categories first, and an illusion that grows 1/8, 1/4, 1/2 and vanishes.",
        {"data": "semantic_tree"},
        {**_stated("n n L n L L -"), "illusory_correlation": "lands"},
    ),
    Preset(
        "digits",
        "Real digits",
        "Ties: modes mix, yet the singular values stay on the line.",
        {"data": "digits"},
        _stated("n n L n - - -"),
    ),
    Preset(
        "three_layers",
        "Depth makes it wait",
        "Look for a power-law wait, then heights as predicted but no later times.",
        _THREE,
        _stated("n n n L L n n"),
        compare=_THREE_ALIGNED,
        compare_title="aligned start",
    ),
    Preset(
        "three_layers_aligned",
        "Depth, aligned",
        "Every jump is predicted, to rounding.",
        _THREE_ALIGNED,
        _stated("L L n L - n n"),
    ),
    Preset(
        "bottleneck",
        "Two hidden units",
        "The run stops at the plateau of two modes and stays.",
        {"width": 2},
        _stated("L L L L L L L"),
    ),
    Preset(
        "heavy_ball",
        "Momentum keeps the stairs",
        "Same stairs, a faster clock, still predicted.",
        {"optimizer": "polyak"},
        _stated("L D D L L L L"),
    ),
    Preset(
        "lazy_start",
        "Too large a start",
        "No plateaus are left; the sigmoids are wrong by a third.",
        _LAZY,
        _stated("D D - D - - -"),
        compare=_LAZY_BALANCED,
        compare_title="balanced start",
    ),
    Preset(
        "lazy_balanced",
        "The same start, balanced",
        "The exact solution lands without any small number.",
        _LAZY_BALANCED,
        _stated("D L L D - - -"),
    ),
    Preset(
        "past_the_edge",
        "Past the edge",
        "Mode 1 hops between 1.278 and 0.592 of its strength, and the map knows.",
        {"eta": 0.23},
        _stated("L D D L n - L"),
    ),
    Preset(
        "adam",
        "Adam flattens the stairs",
        "All modes arrive within a few hundred steps of each other.",
        {"optimizer": "adam"},
        _stated("D D D D n - D"),
    ),
    Preset(
        "coloured_inputs",
        "Coloured inputs",
        "The first escape is still exact; the white stairs are gone.",
        {"input_condition": 25},
        _stated("D D D D - n L"),
    ),
    Preset(
        "float32_noise",
        "Rounding as the seed",
        "The last jump comes a quarter too early: rounding grew in place of the start.",
        {"dtype": "float32", "alpha": 1e-12},
        _stated("D D D D - - -"),
    ),
    Preset(
        "relu",
        "ReLU at half speed",
        "The escape comes at twice the time, as predicted.",
        {"activation": "relu", "width": 64, "alpha": 1e-3},
        _stated("D D n D - n L"),
    ),
    Preset(
        "waiting_times",
        "Each decade costs the same wait",
        "Four straight lines of slope 1/sₖ: ten times smaller a start, ln(10)/sₖ later.",
        {},
        {"jump_times": "lands"},
        over={"alpha": "1e-7:1e-2:12:log"},
    ),
    Preset(
        "ties",
        "Three equal modes",
        "Singular values rise one by one, exactly, though no single mode can be followed.",
        {"spectrum": (3, 3, 3, 1)},
        _stated("n n L n L L n"),
    ),
)
