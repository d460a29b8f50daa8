"""Presets of free features, with the verdicts stated beforehand."""

from sims.core.experiment import Preset, Verdict, stated

CLAIM_NAMES = (
    "loss_final",
    "margin_final",
    "classifier_norm_final",
    "feature_norm_final",
    "classifier_cosines_final",
    "final_simplex",
    "logits",
    "nc1",
    "nc1_slope",
    "minority_cosine",
    "minority_threshold",
)


def verdicts(row: str) -> dict[str, Verdict]:
    """End (five claims), simplex, logits, nc1, slope, minority cosine and threshold."""
    return stated(CLAIM_NAMES, row)


SMALL_CLASSES = {
    "per_class": 5,
    "lambda_w": 0.1,
    "lambda_h": 0.1,
    "eta": 0.2,
    "horizon": 1000.0,
}

PRESETS = (
    Preset(
        "tetrahedron",
        "Four classes become a tetrahedron",
        "Features and arrows land on the ghost, each class at its predicted corner.",
        {},
        verdicts("L L L L L L n n L n n"),
    ),
    Preset(
        "triangle",
        "Three classes, a triangle in the plane",
        "The same in two dimensions, with nothing hidden by the projection.",
        {"classes": 3},
        verdicts("L L L L L L - - L - -"),
    ),
    Preset(
        "predictable_collapse",
        "The predictable collapse",
        "NC1 follows two exponentials over 14 decades.",
        {"loss_kind": "mse", "per_class": 20, "eta": 0.04, "horizon": 120.0},
        verdicts("L L L L L L L L n - -"),
    ),
    Preset(
        "no_bias_mse",
        "No bias: a frame, not a simplex",
        "Cosines go to 0, not to −1/3.",
        {"loss_kind": "mse", "bias": False, "per_class": 20},
        verdicts("L L L L L n L n - - -"),
    ),
    Preset(
        "nonnegative",
        "Non-negative features",
        "Class means become orthogonal while the classifier is still a simplex.",
        {"nonnegative": True, "per_class": 10, "eta": 0.2},
        verdicts("L L L L L n - - - - -"),
    ),
    Preset(
        "staircase",
        "Big classes first",
        "Two steps in the diagonal of Z: the large classes, then the small ones.",
        {"loss_kind": "mse", "bias": False, "imbalance": 8.0, "per_class": 10},
        verdicts("L L L L L - L - - - n"),
    ),
    Preset(
        "minority_before",
        "Minority classes still apart",
        "The cosine between small classes is 0.25, with the threshold to the right.",
        SMALL_CLASSES | {"imbalance": 8.0},
        verdicts("L L L L L n - - - L n"),
    ),
    Preset(
        "minority_after",
        "Minority collapse",
        "The classifiers of the small classes become one.",
        SMALL_CLASSES | {"imbalance": 16.0},
        verdicts("L L L L L - - - - L L"),
    ),
    Preset(
        "too_much_decay",
        "Too much decay",
        "K c = 1.2: everything dies, and the loss ends at log 4.",
        {"lambda_w": 0.3, "lambda_h": 0.3},
        verdicts("n n L L n n n n n n n"),
    ),
    Preset(
        "too_narrow",
        "Six classes in a plane",
        "No simplex fits: the loss stays above the line.",
        {
            "classes": 6,
            "width": 2,
            "lambda_w": 0.01,
            "lambda_h": 0.01,
            "eta": 0.2,
            "horizon": 1000.0,
            "per_class": 20,
        },
        verdicts("D D - - D D - - - - -"),
    ),
    Preset(
        "large_init",
        "Large init",
        "The way is not the predicted one, the end still is.",
        {"loss_kind": "mse", "init_scale": 1.0, "per_class": 20},
        verdicts("L L L L L D D - - - -"),
    ),
    Preset(
        "too_short",
        "Stopped too early",
        "The margin is still growing when the run ends.",
        {"lambda_w": 0.001, "lambda_h": 0.001, "horizon": 60.0},
        verdicts("- D D - - - - - - - -"),
    ),
)
