"""Presets of the net at the edge of stability, each with the verdicts it states beforehand."""

from __future__ import annotations

from functools import partial

from sims.core.experiment import Preset, stated

_stated = partial(
    stated,
    (
        "sharpness_at_edge",
        "reach_step",
        "mean_loss",
        "oscillation",
        "distance",
        "network_function",
        "gradient_flow",
        "batch_sharpness",
    ),
)

PRESETS = (
    Preset(
        "rides_the_edge",
        "Gradient descent rides the edge",
        "The sharpness rises to 2/η and stays; the prediction has no fitted number.",
        {},
        _stated("L L L L L L n n"),
        slow=True,
    ),
    Preset(
        "below_the_edge",
        "Below the edge",
        "The edge is never reached; run and gradient flow coincide.",
        {"eta": 0.02, "steps": 6000},
        _stated("n n n n n n L n"),
        slow=True,
    ),
    Preset(
        "two_modes",
        "Two modes at once",
        "The second eigenvalue arrives near step 2300.",
        {"steps": 4000, "critical": 2},
        _stated("L L L L L L n n"),
        slow=True,
    ),
    Preset(
        "one_mode_allowed",
        "Two modes, one allowed",
        "The same run: the predicted oscillation is too small.",
        {"steps": 4000, "critical": 1},
        _stated("L L D D n L n n"),
        slow=True,
    ),
    Preset(
        "big_step",
        "Big step",
        "The edge comes within 100 steps; the loss is several % off, the path is still right.",
        {"eta": 0.2, "steps": 2000, "critical": 3},
        _stated("L D D L - L n n"),
        slow=True,
    ),
    Preset(
        "polyak",
        "Heavy ball, edge (2+2β)/η",
        "The plateau moves up by 1+β.",
        {"optimizer": "polyak"},
        _stated("L n n n n n n n"),
    ),
    Preset(
        "nesterov",
        "Nesterov's edge",
        "The lower edge of the look-ahead rule.",
        {"optimizer": "nesterov"},
        _stated("L n n n n n n n"),
    ),
    Preset(
        "rmsprop",
        "RMSProp, adaptive edge",
        "The preconditioned sharpness settles at 2/η.",
        {"optimizer": "rmsprop", "steps": 2000},
        _stated("L n L - n n n n"),
        slow=True,
    ),
    Preset(
        "adam",
        "Adam, 38/η",
        "3 % below the edge, steadily.",
        {"optimizer": "adam"},
        _stated("L n n n n n n n"),
    ),
    Preset(
        "momentum_escape",
        "Momentum throws it out",
        "It touches the edge near step 140, then sits at half of it.",
        {"optimizer": "polyak", "beta": 0.9, "eta": 0.15, "steps": 6000},
        _stated("D n n n n n n n"),
    ),
    Preset(
        "cross_entropy",
        "Cross-entropy falls off",
        "1.1 of the edge at step 500, 0.1 later.",
        {"data": "chebyshev_sign", "eta": 0.3, "steps": 8000},
        _stated("D L n n n n n n"),
    ),
    Preset(
        "small_batch",
        "Small batch",
        "The top eigenvalue stays at half of 2/η, the batch sharpness near it.",
        {"optimizer": "sgd", "batch_size": 2},
        _stated("D n n n n n n L"),
    ),
    Preset(
        "digits",
        "Real digits",
        "The same edge on images; the flow comes 80 steps early.",
        {"data": "digits_mse", "eta": 0.55, "steps": 3000},
        _stated("L D n n n n n n"),
        slow=True,
    ),
    Preset(
        "digits_never",
        "Digits, cross-entropy",
        "The flow stops short of the edge, so does the run, then both flatten.",
        {"data": "digits_ce", "steps": 3000},
        _stated("n n n n n n - n"),
    ),
    Preset(
        "rounding_start",
        "No quiet start",
        "The first cycles overshoot.",
        {"quiet_start": False},
        _stated("L L - - L - n n"),
    ),
    Preset(
        "lockstep",
        "Four rates in lockstep",
        "Against time ηt all rates follow one gradient flow, each until it meets its own edge.",
        {"central_flow": False},
        _stated("L L n n n n n n"),
        over={"eta": "0.08,0.09,0.1,0.12"},
    ),
)
