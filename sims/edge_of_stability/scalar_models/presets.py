"""Presets of the exactly solvable models, each with the verdicts it states beforehand."""

from __future__ import annotations

from functools import partial

from sims.core.experiment import Preset, stated

_stated = partial(stated, ("loss", "curvature", "divergence_step", "curvature_final", "orbit"))

PRESETS = (
    Preset(
        "catapult",
        "Catapult",
        "The loss rises to about the width, then the curvature falls below 2/η.",
        {},
        _stated("L L L L n"),
    ),
    Preset(
        "diverges",
        "Beyond the catapult",
        "The curvature grows with the loss: beyond ηλ₀ = 4 nothing throws it back.",
        {"eta_lambda0": 4.05},
        _stated("L L n n n"),
    ),
    Preset(
        "two_scalars",
        "Two scalars",
        "The run ends at a flatter minimum than gradient flow would.",
        {"model": "two_scalars"},
        _stated("L L n L n"),
    ),
    Preset(
        "period_two",
        "Two-cycle",
        "The number hops between two predicted points.",
        {"model": "balanced_product", "eta": 1.15},
        _stated("n n n n L"),
    ),
    Preset(
        "period_four",
        "Four-cycle",
        "The two-cycle is still there but repels; the run hops between four points.",
        {"model": "balanced_product", "eta": 1.27},
        _stated("n n n n D"),
    ),
    Preset(
        "chaos",
        "Chaos",
        "No cycle at all: the run never comes back to where it was.",
        {"model": "balanced_product", "eta": 1.45},
        _stated("n n n n D"),
    ),
    Preset(
        "ends_at_the_edge",
        "Tied depth four",
        "The run starts at 1.8 of the edge and ends on it.",
        {"model": "tied_depth_four"},
        _stated("n n n L n"),
    ),
)
