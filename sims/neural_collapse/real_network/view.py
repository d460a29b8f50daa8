"""The picture of a real network: the same simplex and numbers, and what only a network has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.neural_collapse import shared_view as shared
from sims.view import STEPS, Arrays, Curves, Guess, Known, Level, Picture, Profile, Tile, View

FLOOR = 1e-14
TINY = 1e-30


def layer_line(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
    """The least-squares line through log10 D against the layer, as D."""
    logs = np.log10(np.maximum(run["layer_separation"], TINY))
    layers = np.arange(logs.shape[-1]) - (logs.shape[-1] - 1) / 2
    middle = logs.mean(axis=-1, keepdims=True)
    slope = (logs * layers).sum(axis=-1, keepdims=True) / (layers**2).sum()
    return 10 ** (middle + slope * layers)


def is_predicted(known: Known) -> bool:
    """Whether the decay is that of the theory: on the last features and the classifier."""
    return known.get("decay", "features") == "features"


def has_objective(known: Known) -> bool:
    """Whether the end of the objective is predicted."""
    return is_predicted(known) and "objective_final" in known


def heights(known: Known) -> list[float]:
    """Range of the objective."""
    levels = [known["loss_zero"], *([known["objective_final"]] if has_objective(known) else [])]
    return [-0.04 * max(levels), 1.25 * max(levels)]


OBJECTIVE = Curves(
    "objective", theory=None, title="Loss with decay", y="objective $J$", linear=heights,
    levels=("loss_zero", Level("objective_final", "$J$*", when=has_objective)),
    empty=lambda k: "" if is_predicted(k)
    else f"no level is predicted when every layer decays; {shared.SHOWS_LATER}",
)  # fmt: skip
NC1 = Curves(
    ("nc1", "nc1_trace"), names=("NC1", r"Tr $\Sigma_W$/Tr $\Sigma_B$"), label="upper",
    theory=None, rounding=FLOOR, title="Spread within classes", y="within over between",
    log=(-9.2, 3.2), note="predicted to go on falling: at the optimum it is 0",
)  # fmt: skip
ACCURACY = Curves(
    ("train_accuracy", "test_accuracy", "nearest_mean_mismatch"), theory=None, label="upper",
    names=("training set", "test set", "not at the nearest mean"), id="accuracy",
    title="Accuracy, and samples not at their nearest mean", symbol=r"\mathrm{NC4}",
    y="share of the samples", linear=(-0.04, 1.6), levels=(Level("chance", "chance"),),
    empty=shared.SHOWS_LATER,
)  # fmt: skip
LAYER_NAMES = {"cnn": "conv ", "transformer": "block "}


def layer_names(known: Known) -> dict[float, str]:
    """What each layer is called on the axis, inputs and features among them."""
    word = LAYER_NAMES.get(str(known.get("architecture", "mlp")), "")
    inner = (f"{word}{i + 1}" for i in range(int(known["depth"])))
    return {float(i): name for i, name in enumerate(["input", *inner, "features"])}


LAYERS = Profile(
    "layer_separation", over=lambda k: np.arange(k["depth"] + 2.0), second="layer_line",
    second_name="line", id="layers", title="Separation, layer by layer", x="layer",
    y="separation $D$", log=(-4.4, 2.4),
    ticks=layer_names,
    note="dash-dotted: least-squares line, an empirical law of ordinary training",
    alt="Within-class over between-class spread of every layer, from input to features, with the "
    "straight line through its logarithm.",
)  # fmt: skip


def eigenvalues(known: Known) -> Curves:
    """Eigenvalues of the classifier, with those predicted and how often each comes."""
    levels: list[tuple[float, str]] = []
    if "classifier_eigenvalues_final" in known and "objective_final" in known:
        values = known["classifier_eigenvalues_final"]
        for level in np.unique(np.round(values, 6))[::-1]:
            times = int(np.sum(np.abs(values - level) < 1e-5))
            levels.append((float(level), f"{times} ×"))
    top = 1.6 * max([level for level, _ in levels] + [0.5])
    said = ", ".join(f"{word} {significant(level, 4)}" for level, word in levels) or "none"
    return Curves(
        "classifier_eigenvalues", theory=None, bands=False, id="eigenvalues",
        entries=range(int(known["classes"])), names="eigenvalue #",
        symbol=r"WW^\mathrm{T}", y="eigenvalue",
        linear=(-0.05 * top, top), log=(-4.2, float(np.log10(top)) + 0.2),
        levels=tuple(Level(level, word) for level, word in levels),
        alt=f"Eigenvalues of the classifier against steps; predicted are {said}.",
    )  # fmt: skip


def panels(known: Known) -> Sequence[Picture]:
    """Objective, collapse, eigenvalues, accuracies and layers."""
    return (
        OBJECTIVE, NC1, shared.sizes(known), eigenvalues(known), shared.MINORITY, shared.COSINES,
        ACCURACY, LAYERS, shared.nc2(-4.4), shared.nc3(-7.4),
    )  # fmt: skip


def tiles(known: Known) -> Sequence[Tile]:
    """Decay, objective, margin, lengths, and when small classes merge."""
    made: list[Tile] = []
    if is_predicted(known):
        made = [
            shared.limit_tile(),
            shared.level_tile("objective", "loss with decay at the end", "J*", known, 5),
            shared.level_tile("margin", "margin at the end", "a*", known),
            shared.level_tile("feature_norm", "length of class means", "|m_k|*", known),
        ]
    if "minority_threshold" in known:
        made.append(shared.merging_tile(f"R = {significant(known['imbalance'], 3)} here"))
    if made:
        return made
    words = "equal eigenvalues, if it were decay on the features alone"
    text = str(int(known["classes"]) - 1)
    return [Tile(lambda _: text, words, symbol="K-1", measured="", claim="")]


VIEW = View(
    shared.SIMPLEX,
    panels,
    tiles,
    clock=STEPS,
    legend={
        "theory": "theory of free features",
        "second_theory": "straight line through the run",
    },
    derived={
        "layer_line": layer_line,
        "small_cosine": shared.small_cosine,
        "cosine_gap": shared.cosine_gap,
    },
    sweep=lambda _over: shared.swept(("objective", "margin", "nc1_trace", "test_accuracy")),
    guess=Guess.level(
        "objective_final", "Where does the loss with decay end?", panel="objective", run="objective"
    ),
)
