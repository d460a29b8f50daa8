"""What the pictures of both experiments share: simplex, norms and angles, small classes, sweeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.view import Arrays, Bespoke, Curves, Known, Law, Level, Picture, Tile

MOST_JOINED = 4
"""Classes whose simplex fits into three dimensions."""
SHAPES = {2: "Two points", 3: "A triangle", 4: "A tetrahedron"}
SMALL = r"\cos(\mathrm{small,\,small})"
SHOWS_LATER = "appears with the run"


def small_cosine(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Mean cosine between small classes at every snapshot, as one point."""
    sizes = np.array([int(n) for n in str(prediction.attrs["sizes"]).split(",")])
    small = np.flatnonzero(sizes == sizes.min())
    rows, columns = np.triu_indices(len(small), 1)
    pairs = run["classifier_cosines"][:, :, small[rows], small[columns]]
    return pairs.mean(axis=-1, keepdims=True)


def cosine_gap(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Cosines between classifiers, run minus prediction of the end."""
    return run["classifier_cosines"] - prediction["classifier_cosines_final"].values[None, None]


# The simplex


def shape(known: Known) -> str:
    """What will form, and whether its place is predicted."""
    name = SHAPES.get(int(known["classes"]), "A simplex")
    return f"{name}, drawn {'where it will form' if placed(known) else 'before it forms'}"


def placed(known: Known) -> bool:
    """Whether the place of the simplex is predicted."""
    return bool(known.get("oriented", 0))


def about_simplex(known: Known) -> str:
    """What dots and arrows are, and what of the simplex is seen."""
    K, scale = int(known["classes"]), float(known.get("arrow_scale", 1.0))
    first = "dots: features $h_i$; arrows: classifiers $w_k$"
    parts = [first if abs(scale - 1) <= 1e-9 else rf"{first} × √($\lambda_W/\lambda_H$)"]
    if K > MOST_JOINED:
        parts.append(f"3 of {K - 1} directions")
    if "final_simplex" not in known:
        parts.append("no size is predicted here")
    elif not placed(known):
        parts.append("centred and turned onto the ideal: its place is not predicted here")
    if len(SHAPES) < K:
        parts.append("drag to turn")
    return f"{'; '.join(parts)}. $K$ = {K}."


SIMPLEX = Bespoke("simplex", id="picture", title=shape, symbol="h_i, w_k", note=about_simplex)
COSINES = Bespoke("cosines", id="cosines", title="Angles between classifiers",
                  symbol=r"\cos(w_k, w_l)", when="classifier_cosines_final",
                  note="dark −1, bright 1; equal colours are equal angles")  # fmt: skip


# Norms, angles, and small classes

NC2 = Curves(
    ("equinorm_features", "equinorm_classifier", "equiangle_std_features", "max_angle"),
    names=("norms of means", "norms of classifiers", "angles of means", "widest angles"),
    label="upper", theory=None, id="nc2", title="Equal norms, equal and widest angles",
    symbol=r"\mathrm{NC2}", y="distance from equal", linear=(-0.04, 1.05), first="log",
    moments=False,
    alt="Spread of the norms of class means and classifiers, spread of the cosines of class means, "
    "and their distance from the widest possible; all fall to zero in collapse.",
)  # fmt: skip
NC3 = Curves(
    "self_duality", theory=None, id="nc3", title="Classifier becomes the class means",
    y="|W/‖W‖ − M/‖M‖|²", linear=(-0.15, 4.1), first="log", moments=False,
)  # fmt: skip


def nc2(low: float) -> Curves:
    """Norms and angles: how far from equal, down to so many decades."""
    return replace(NC2, log=(low, 1.0))


def nc3(low: float) -> Curves:
    """Classifier against class means, down to so many decades."""
    return replace(NC3, log=(low, 1.0))


def is_known(known: Known, name: str) -> bool:
    """Whether a number is predicted, and finite."""
    return name in known and bool(np.isfinite(known[name]))


def sizes(known: Known) -> Curves:
    """Margin and norms against their predicted levels."""
    letters = {"margin": "$a$*", "classifier_norm": "$|w_k|$*", "feature_norm": "$|m_k|$*"}
    levels = [
        Level(f"{name}_final", word)
        for name, word in letters.items()
        if is_known(known, f"{name}_final")
    ]
    heights = [float(known[f"{n}_final"]) for n in letters if is_known(known, f"{n}_final")]
    if len(levels) == 3 and abs(heights[1] - heights[2]) < 1e-9:
        levels, heights = [levels[0], replace(levels[1], word="$|w_k|$*, $|m_k|$*")], heights[:2]
    top = max([*heights, 1.0])
    said = ", ".join(significant(h, 4) for h in heights) or "none"
    return Curves(
        tuple(letters), names=("margin", "$|w_k|$", "$|m_k|$"), label="upper", theory=None,
        id="sizes", title="Margin and norms", symbol="a, |w_k|, |m_k|", y="size",
        linear=(-0.05 * top, 1.6 * top), levels=tuple(levels), moments=False,
        empty="" if levels else f"no level is predicted here; {SHOWS_LATER}",
        alt=f"Margin and mean norms against time, with predicted levels {said}.",
    )  # fmt: skip


def encoded(known: Known) -> np.ndarray:
    """The cosine where no decay is left, which is known without a bias."""
    if known.get("bias", 1):
        raise KeyError("minority_cosine_encoded")
    return known["minority_cosine_encoded"]


MINORITY = Law(
    "minority_cosine_curve", over="curve_imbalance", id="minority", run="small_cosine",
    taken="scrub", at="imbalance", second=encoded, second_name="no decay left",
    title="When small classes merge", symbol=SMALL, x="imbalance $R$", y=f"cosine ${SMALL}$",
    x_span=lambda k: [1 - 0.02 * k["curve_imbalance"][-1], 1.02 * k["curve_imbalance"][-1]],
    linear=(-0.65, 1.12), marks=(("minority_threshold", "R_0"),),
    when=lambda k: "minority_threshold" in k and "minority_cosine_curve" in k,
    note="the run is a dot at its own imbalance",
    alt=lambda k: "Cosine between small classes against the imbalance; they are predicted to merge "
    f"at {significant(k['minority_threshold'], 4)}.",
)  # fmt: skip


# Tiles


def limit_tile() -> Tile:
    """The decay K c, with total collapse from 1 on."""
    return Tile(lambda k: k["classes"] * k["c"], "decay, in units of its limit",
                lambda k: "total collapse from 1 on" if k.get("survives", 1)
                else "total collapse", symbol="Kc", measured="", claim="")  # fmt: skip


def level_tile(name: str, words: str, symbol: str, known: Known, places: int = 4) -> Tile:
    """A predicted level, beside the run's last record."""
    final = f"{name}_final"
    return Tile(final, words, symbol=symbol, places=places, claim=final,
                measured=f"{name}[{len(known['time']) - 1}]",
                when=lambda k: is_known(k, final))  # fmt: skip


def merging_tile(line: str) -> Tile:
    """The imbalance from which on small classes merge."""
    return Tile("minority_threshold", "imbalance at which small classes merge", line, symbol="R_0",
                digits=4, measured="", claim="")  # fmt: skip


# Sweeps

LEVELS = {
    "loss": ("Loss at the end", "L"),
    "objective": ("Loss with decay at the end", "J"),
    "margin": ("Margin at the end", "a"),
    "feature_norm": ("Length of class means", "|m_k|"),
    "minority_cosine": ("Cosine between small classes", ""),
    "test_accuracy": ("Accuracy on the test set", ""),
}
DECADES = {
    "orientation_error": ("Distance to the predicted corners", (-3.6, 0.6)),
    "nc1_trace": ("Spread within over between classes", (-16.0, 1.5)),
}


def swept(names: Sequence[str]) -> Sequence[Picture]:
    """Where every run ends, on the line where it should."""
    return [_swept(name) for name in names]


def _swept(name: str) -> Law:
    if name in DECADES:
        title, decades = DECADES[name]
        return Law(runs=(name,), id=name, title=title, symbol="", y="at the end", log=decades)
    title, letters = LEVELS[name]
    final = f"{name}_final"

    def span(known: Known) -> list[float]:
        levels = np.ravel(known[final]) if final in known else np.ones(1)
        ends = np.append(levels[np.isfinite(levels)], 0.0)
        room = 0.12 * (ends.max() - ends.min()) or 0.5
        return [float(ends.min() - room), float(ends.max() + room)]

    return Law(final, runs=(name,), id=name, title=title, symbol=letters, y="at the end",
               linear=span)  # fmt: skip
