"""The picture of superposition: arrows growing into their arrangement, and the levels of all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import short, significant
from sims.representations.superposition import states
from sims.representations.superposition.theory import dimensions
from sims.view import (
    LOG_STEPS,
    Arrays,
    Contour,
    Curves,
    Given,
    Guess,
    Known,
    Law,
    Level,
    Map,
    Picture,
    Places,
    Tile,
    View,
    decades,
)  # fmt: skip

STAYS = 1.01
"""The start that is drawn is left for a lower one only if that is lower by this factor."""
NAMED = 3
"""Levels that are named, from below."""
LEAST = 1e-4
"""Loss over density down to which a logarithmic axis goes."""
RANKS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the starts below the losses that are drawn."""


def best_so_far(losses: np.ndarray) -> np.ndarray:
    """Which start is drawn at each record, (record,), of losses (record, replica)."""
    shown, chosen = 0, []
    for row in losses:
        lowest = int(np.nanargmin(row)) if np.isfinite(row).any() else shown
        if not row[shown] <= STAYS * row[lowest]:
            shown = lowest
        chosen.append(shown)
    return np.array(chosen, int)


def best_arrows(run: Arrays) -> np.ndarray:
    """Arrows of the best start so far, (seed, record, feature, axis); on a line the second is 0."""
    found = []
    for losses, W in zip(run["loss"], run["weights"], strict=True):
        rows = min(len(losses), len(W))
        best = best_so_far(losses[:rows])
        found.append(np.swapaxes(W[np.arange(rows), best], -1, -2))
    arrows = np.stack(found).astype(float)
    missing = 2 - arrows.shape[-1]
    return np.pad(arrows, [(0, 0)] * (arrows.ndim - 1) + [(0, missing)])


def of_first_seed(prediction: xr.Dataset, name: str) -> np.ndarray:
    """What is predicted, which is the same for every seed."""
    found = prediction[name]
    return found.isel(seed=0).values if "seed" in found.dims else found.values


def turned(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The same, turned onto the predicted shape at every moment: how it is turned is luck."""
    arrows = best_arrows(run)
    corners = of_first_seed(prediction, "corners")
    fold = int(of_first_seed(prediction, "fold"))
    if run["weights"].shape[-2] == 1:  # on a line there are two ways to look
        i = int(of_first_seed(prediction, "strongest"))
        return arrows * np.where(arrows[:, :, i : i + 1, :1] < 0, -1.0, 1.0)
    points = arrows[..., 0] + 1j * arrows[..., 1]
    drawn = (corners[:, 0] + 1j * corners[:, 1])[None]
    angle = np.angle(_direction(points, fold)) - np.angle(_direction(drawn, fold))
    turn = np.exp(-1j * np.unwrap(angle, axis=1) / fold)
    back = points * turn[..., None]
    return np.stack([back.real, back.imag], axis=-1)


def _direction(points: np.ndarray, fold: int) -> np.ndarray:
    """Where arrows, as complex numbers (..., arrow), point to, up to full turns over `fold`."""
    size = np.abs(points)
    unit = points / np.where(size > 0, size, 1.0)
    return np.sum(size**2 * unit**fold if fold > 1 else points, axis=-1)


def shares_now(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The D_i of the best start so far, largest first, (seed, record, feature)."""
    del prediction
    return -np.sort(-dimensions(best_arrows(run)), axis=-1)


def ranked(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Losses over density below which 0, 1/4 ... of the starts are, (seed, record, rank)."""
    p = float(of_first_seed(prediction, "density_here"))
    at = [round(r * (run["loss"].shape[-1] - 1)) for r in RANKS]
    return np.sort(run["loss"], axis=-1)[..., at] / p


def lowest(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Loss over density of the best start, as one point, (seed, record, 1)."""
    return ranked(run, prediction)[..., :1]


def shape(known: Known) -> str:
    """What should form, in words."""
    return f"{str(known['lowest'])[:1].upper()}{str(known['lowest'])[1:]}"


def outline(known: Known) -> np.ndarray:
    """The predicted shape as one line with gaps, (2, point)."""
    corners, kept = known["corners"], int(known["kept"])
    tips, fold = corners[:kept], int(known["fold"])
    gap = np.full((1, 2), np.nan)
    if kept > 2 and fold == kept and not np.isclose(known["overlaps"][0], -1):
        return np.concatenate([tips, tips[:1]]).T
    return np.concatenate([part for tip in tips for part in (np.zeros((1, 2)), tip[None], gap)]).T


def names(known: Known) -> list[str]:
    """What each arrow is."""
    return [f"feature {i + 1}" for i in range(len(known["corners"]))]


def about(known: Known) -> str:
    """What arrows and rings are, and what is luck."""
    n, kept = len(known["corners"]), int(known["kept"])
    left = n - kept
    dropped = "" if not left else f"; {left} should shrink to the middle"
    return f"an arrow for each feature, of the best start so far; how it is turned is luck{dropped}"


def level_words(known: Known) -> tuple[Level, ...]:
    """All levels of these settings over the density, the lowest ones each with its word."""
    found = zip(known["energies"] / known["density_here"], known["state"], strict=True)
    there = sorted((float(at), str(word)) for at, word in found if np.isfinite(at))
    return tuple(Level(at, word if i < NAMED else "") for i, (at, word) in enumerate(there))


def around_levels(known: Known) -> list[float]:
    """Decades that hold all levels, and where most starts come from."""
    found = known["energies"] / known["density_here"]
    low = max(float(np.nanmin(found)), LEAST)
    return decades(0.7 * low, 2.5 * max(1.0, float(np.nanmax(found))))


def all_levels(known: Known) -> tuple[Given, ...]:
    """Every arrangement's level over the density, as a line of the ground."""
    return tuple(
        Given("curve_density", lambda k, i=i: k["level_curves"][:, i], str(word), "line")
        for i, word in enumerate(known["state"])
    )


def lowest_level(known: Known) -> np.ndarray:
    """The lowest of all, (curve_density,)."""
    return np.nanmin(known["level_curves"], axis=1)


def share_levels(known: Known) -> tuple[Level, ...]:
    """The shares of a dimension that are predicted, once each."""
    found = np.unique(np.round(known["shares"], 6))
    return tuple(Level(float(x), short(float(x))) for x in found if x > 0)


def panels(known: Known) -> Sequence[Picture]:
    """Levels over steps and over density, and shares of a dimension."""
    n = len(known["corners"])
    return (
        Curves("ranks", id="levels", theory=None, title="Every start comes to rest on a level",
               symbol="L/p", y="loss over density", log=around_levels, levels=level_words(known),
               names=("lowest start", "", "middle one", "", "highest"), label="end",
               entries=range(len(RANKS)), bands=False,
               note="the lowest of all starts, and those with 1/4, 1/2, 3/4 and all below them"),
        Law(lowest_level, over="curve_density", id="crossing", run="lowest", taken="scrub",
            at="density_here", x="density $p$", x_log=True, log=True, title="Levels cross",
            symbol="L/p", y="loss over density", given=all_levels(known), ring="level",
            note="grey: every arrangement; dashed: the lowest of them"),
        Curves("shares_now", id="shares", theory=None, title="Shares of a dimension", symbol="D_i",
               y="share of a dimension", linear=(-0.04, 1.1), levels=share_levels(known),
               entries=range(n), bands=False,
               note="best start so far, largest share first; alone 1, in a pair 1/2, "
               "of $k$ around a circle $2/k$"),
    )  # fmt: skip


def second_words(known: Known) -> str:
    """What comes next, and how far above."""
    if not np.isfinite(known["gap"]):
        return "nothing comes near"
    return f"next: {known['second']}, {significant(100 * known['gap'], 2)} % above"


def lengths(known: Known) -> str:
    """How long the shortest arrow is."""
    return f"shortest {significant(float(np.nanmin(known['norms'])), 3)}"


def angle(known: Known) -> str:
    """The smallest angle between two that are written."""
    if not np.isfinite(known["overlaps"]).any():
        return "one alone"
    top = float(np.nanmax(known["overlaps"]))
    return f"nearest {significant(np.degrees(np.arccos(np.clip(top, -1, 1))), 3)} degrees apart"


def sweep(over: str) -> tuple[Picture, ...]:
    """Level and number of the best start against a knob."""
    del over
    return (
        Law("level", log=True, second="next_level", second_name="next arrangement",
            title="Loss over density of the best start"),
        Law("kept", title="Features that are written"),
        Law(runs=("found",), id="found", title="Starts that find it", y="share of the starts",
            linear=(-0.05, 1.05)),
    )  # fmt: skip


def border(known: Known, *, above: bool) -> np.ndarray:
    """Importance at which one neuron lets the weaker of two features go, (density,)."""
    found = states.let_go(np.asarray(known["density"], float))
    return 1 / found if above else found


def grid(over: tuple[str, ...]) -> tuple[Picture | Contour, ...]:
    """How many features are written, and their level."""
    lines = ()
    if tuple(over) == ("density", "importance"):
        lines = (
            Contour(lambda k: border(k, above=False), "one is let go"),
            Contour(lambda k: border(k, above=True), "the other is let go"),
        )
    return (
        Map("kept", id="kept", title="Features that are written", span=(0.0, 2.0)),
        *lines,
    )


VIEW = View(
    Places("turned", id="arrows", theory="corners", arrows=True, names=names,
           title="Where the features go", symbol="w_i", note=about,
           x="first neuron", y="second neuron",
           given=(Given(lambda k: outline(k)[0], lambda k: outline(k)[1], "shape", "line"),)),
    panels,
    (
        Tile("level", "loss over density", second_words, digits=4, claim="loss_final"),
        Tile("kept", "features that are written", shape, places=0),
        Tile("norms[0]", "shortest arrow, squared", angle, digits=3, symbol="|w|^2"),
    ),
    clock=LOG_STEPS,
    derived={"turned": turned, "shares_now": shares_now, "ranks": ranked, "lowest": lowest},
    sweep=sweep,
    grid=grid,
    guess=Guess.level("level", "How far does the best start's loss over density fall?",
                      panel="levels"),
)  # fmt: skip
