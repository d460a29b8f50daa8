"""Presets of a real network, with the verdicts stated beforehand."""

from sims.core.experiment import Preset, Verdict, stated

CLAIM_NAMES = (
    "objective_final",
    "margin_final",
    "classifier_norm_final",
    "feature_norm_final",
    "classifier_cosines_final",
    "classifier_eigenvalues",
    "nc1_trace",
    "minority_cosine",
    "minority_threshold",
    "layer_separation",
)


def verdicts(row: str) -> dict[str, Verdict]:
    """Objective, margin, norms, cosines, eigenvalues, trace, small classes (two), layers."""
    return stated(CLAIM_NAMES, row)


PRESETS = (
    Preset(
        "digits",
        "Real digits land on it",
        "The objective comes down to 0.8672; the theory says 0.86689.",
        {},
        verdicts("L L L L L L L - - n"),
        slow=True,
    ),
    Preset(
        "digits_nonnegative",
        "Real digits, ReLU features",
        "The other closed form: 0.9029 against 0.9027.",
        {"nonnegative": True},
        verdicts("L L L L L L L - - n"),
        slow=True,
    ),
    Preset(
        "digits_mse",
        "Real digits, squared loss",
        "One or two percent high: some samples are given up.",
        {"loss_kind": "mse"},
        verdicts("L - - - - - - - - -"),
        slow=True,
    ),
    Preset(
        "random_labels",
        "Random labels collapse too",
        "The same simplex, with test accuracy at chance.",
        {"data": "mixture", "label_noise": 1.0, "batch_size": 200, "steps": 2000},
        verdicts("L L L L L L L - - n"),
    ),
    Preset(
        "random_digits",
        "Random labels on 300 digits",
        "As with the mixture: memorised labels collapse as true ones do.",
        {
            "per_class": 30,
            "label_noise": 1.0,
            "hidden": 256,
            "eta": 2e-3,
            "batch_size": 300,
            "steps": 2500,
        },
        verdicts("L - - - - - - - - -"),
        slow=True,
    ),
    Preset(
        "too_many_random_labels",
        "Too many random labels",
        "1300 random labels are not memorised in time.",
        {"label_noise": 1.0, "hidden": 256, "steps": 4000},
        # The spread within classes ends at its tolerance: on which side is a matter of rounding.
        verdicts("D - - - - - - - - -"),
        slow=True,
    ),
    Preset(
        "minority_digits",
        "Minority digits vanish",
        "R = 10 is beyond R₀ = 7: five digits share one classifier, test accuracy is a half.",
        {"per_class": 13, "imbalance": 10.0, "lambda_w": 0.05, "lambda_h": 0.05},
        verdicts("L - - - - - - L L -"),
        slow=True,
    ),
    Preset(
        "weight_decay",
        "Decay on every layer",
        "Five large eigenvalues instead of nine equal ones.",
        {
            "decay": "weights",
            "nonnegative": True,
            "depth": 3,
            "width": 128,
            "optimizer": "sgd",
            "batch_size": 128,
        },
        verdicts("n n n n D D D - - D"),
        slow=True,
    ),
    Preset(
        "no_decay",
        "No decay at all",
        "NC1 stalls, but log₁₀ D falls in a line from layer to layer.",
        {
            "decay": "weights",
            "weight_decay": 0.0,
            "nonnegative": True,
            "depth": 5,
            "hidden": 100,
            "width": 100,
            "eta": 1e-3,
            "batch_size": 128,
        },
        verdicts("- - - - D D D - - L"),
        slow=True,
    ),
    Preset(
        "cnn",
        "A CNN lands on the same numbers",
        "Convolutions instead of dense layers, and the same 0.86689.",
        {"architecture": "cnn", "per_class": 60, "batch_size": 200},
        verdicts("L L L L L L L - - n"),
        slow=True,
    ),
    Preset(
        "transformer",
        "A transformer lands there, too",
        "Attention over the rows of a digit: no number changes.",
        {"architecture": "transformer", "per_class": 30, "batch_size": 150},
        verdicts("L L L L L L L - - n"),
        slow=True,
    ),
    Preset(
        "cnn_too_small",
        "A CNN of two channels",
        "Seven weights a sample cannot put the features where they want to be.",
        {
            "architecture": "cnn",
            "hidden": 2,
            "per_class": 60,
            "batch_size": 150,
        },
        verdicts("D D D D D D D - - n"),
        slow=True,
    ),
)
