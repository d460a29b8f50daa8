"""Settings worth watching, with the verdicts they state beforehand."""

from sims.core.experiment import Preset, stated

JUDGED = (
    "phase_defect",
    "restricted_leads",
    "test_accuracy",
    "margin_ratio",
    "frequency_shares",
)
MARGIN = {
    "p": 11,
    "width": 128,
    "fraction": 1.0,
    "regulariser": "cubic",
    "weight_decay": 1e-4,
    "eta": 5e-3,
    "init_scale": 1.0,
    "steps": 10_000,
}
FRACTIONS = {"fraction": "0.1,0.15,0.2,0.25,0.3,0.35,0.4,0.45,0.5,0.6"}

PRESETS = (
    Preset(
        "famous",
        "The famous curve",
        "The mean over the unseen pairs shows the circuit before their answers change: at 0.7 of "
        "the step of the jump.",
        {},
        stated(JUDGED, "L L L n n"),
    ),
    Preset(
        "no_decay",
        "No decay, no grokking",
        "It memorises, and no circuit forms: the curve of the unseen pairs stays at ln p.",
        {"weight_decay": 0.0},
        stated(JUDGED, "D D D n n"),
    ),
    Preset(
        "too_little_data",
        "Too little data",
        "Every number is shown, yet there are too few pairs to learn from.",
        {"fraction": 0.25},
        stated(JUDGED, "D D D n n"),
    ),
    Preset(
        "too_much_decay",
        "Too much decay",
        "The norm collapses, and the circuit with it.",
        {"weight_decay": 4.0},
        stated(JUDGED, "L D D n n"),
    ),
    Preset(
        "margin_line",
        "To the maximum margin",
        "γ/γ* climbs to 1, and every frequency takes the same share.",
        MARGIN,
        stated(JUDGED, "L n n L L"),
    ),
    Preset(
        "too_few_neurons",
        "Not enough neurons",
        "The margin stops at 0.71 to 0.81 of the maximum.",
        MARGIN | {"width": 24},
        stated(JUDGED, "- n n D D"),
    ),
    Preset(
        "adam_norm_grows",
        "The norm story fails with Adam",
        "The norm grows from 14 to 47 while the net groks; the rule says 19.",
        {"init_scale": 1.0},
        stated(JUDGED, "L L L n n"),
    ),
    Preset(
        "data_fraction",
        "How much data it takes",
        "Every number is shown from 0.22 on, yet the test pairs come from 0.35 on: later and later "
        "towards that edge.",
        {"width": 64, "eta": 5e-3, "init_scale": 1.0, "steps": 3000},
        over=FRACTIONS,
        slow=True,
    ),
)
