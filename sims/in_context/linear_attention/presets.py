"""Settings of linear attention worth watching, with the verdicts they state."""

from __future__ import annotations

from sims.core.experiment import Preset

ALL = ("jump_times", "plateau_losses", "estimator_final", "context_curve")
ENDS = ("estimator_final", "context_curve")

PRESETS = (
    Preset(
        "staircase",
        "A staircase",
        "Four falls, and four clouds that rear up one after another.",
        {},
        lands=ALL,
    ),
    Preset(
        "two_heads",
        "Two heads",
        "Two falls, then nothing: a head reads one direction.",
        {"heads": 2},
        lands=("jump_times", *ENDS),
        slow=True,
    ),
    Preset(
        "merged",
        "One fall",
        "Keys and queries multiplied into one matrix: the staircase melts into one fall.",
        {"attention": "merged"},
        lands=("jump_times", *ENDS),
        not_judged=("plateau_losses",),
        slow=True,
    ),
    Preset(
        "noisy_labels",
        "Noisy labels",
        "The same times, shorter clouds: noise is believed less.",
        {"noise": 0.5},
        lands=ALL,
        slow=True,
    ),
    Preset(
        "short_context",
        "Six examples",
        "Flatter clouds and higher rests: six examples are trusted less than sixteen.",
        {"context": 6, "batch_size": 512},
        lands=("jump_times", "plateau_losses", "estimator_final"),
        slow=True,
    ),
    Preset(
        "large_start",
        "A large start",
        "No rest on the steps, and yet the same estimator in the end.",
        {"alpha": 0.5},
        lands=ENDS,
    ),
    Preset(
        "softmax",
        "Softmax",
        "It falls nearly on time, above its levels; with other contexts it leaves its line.",
        {"attention": "softmax"},
        departs=("context_curve",),
        slow=True,
    ),
    Preset(
        "signs",
        "Inputs ±√λ",
        "On time, but it trusts its context more than predicted.",
        {"inputs": "signs", "context": 6, "batch_size": 512},
        lands=("jump_times",),
        departs=("estimator_final",),
        slow=True,
    ),
    Preset(
        "everything",
        "Swapped heads",
        "A head that started on the labels uses its keys as values.",
        {"start": "everything"},
        departs=("jump_times", "estimator_final"),
        slow=True,
    ),
    Preset(
        "loud_steps",
        "Loud steps",
        "Large steps on few sequences: the loss rests above its levels.",
        {"eta": 0.8, "batch_size": 64},
        departs=("plateau_losses",),
    ),
)
