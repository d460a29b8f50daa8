"""The picture of linear attention: clouds that rear up, the loss's staircase, longer contexts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import short, significant
from sims.in_context.linear_attention.prediction import ASIDE
from sims.view import (
    Arrays,
    Curves,
    Given,
    Guess,
    Known,
    Law,
    Level,
    Map,
    Moment,
    Picture,
    Profile,
    Tile,
    View,
    decades,
)  # fmt: skip

HIGHEST = 2.9
"""How far a task's coordinate is drawn, in units of its standard deviation."""
LOWEST = 2e-3
"""Loss of the best estimator that is still drawn, of the loss of silence."""


def of_prediction(prediction: xr.Dataset, name: str) -> np.ndarray:
    """A predicted variable of the first seed."""
    found = prediction[name]
    return np.asarray(found.values[0] if "seed" in found.dims else found.values, float)


def read(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """What U makes of the contexts of the drawn tasks, (U^T beta)_d, (seed, snapshot, dot)."""
    beta = of_prediction(prediction, "beta")
    d = of_prediction(prediction, "dot_component").astype(int)
    columns = np.asarray(run["matrix"], float)[..., d]
    return np.einsum("pi,...ip->...p", beta, columns)


def lines(known: Known) -> np.ndarray:
    """The mean of what is read of a task, at every snapshot, (snapshot, dot): s_d w_d / a_d."""
    slopes = known["reading"][:, known["dot_component"].astype(int)]
    return slopes * known["truth"]


def directions(known: Known) -> dict[float, str]:
    """The clouds' places along the axis."""
    return {ASIDE * d: f"direction {d + 1}" for d in range(len(known["shrinkage"]))}


def doublings(known: Known) -> np.ndarray:
    """Lengths in powers of two, so that they are evenly spaced."""
    return np.log2(known["length"])


def lengths(known: Known) -> dict[float, str]:
    """Lengths at their places."""
    return {float(np.log2(n)): str(int(n)) for n in known["length"]}


def best(known: Known) -> np.ndarray:
    """The loss of the best estimator, where it is not rounding, (length,)."""
    found = known["context_loss_best"]
    return np.where(found > LOWEST * known["trace"], found, np.nan)


def heights(known: Known) -> list[float]:
    """Decades of the losses at all lengths, and of silence."""
    found = np.concatenate([known["context_loss"], best(known)])
    return decades(
        0.8 * float(np.nanmin(found)), 1.3 * max(float(np.nanmax(found)), silence(known))
    )


def silence(known: Known) -> float:
    """The loss of a layer that says nothing."""
    return float(known["trace"])


def trained_at(known: Known) -> list[float]:
    """The length of the training, twice: an upright line."""
    return [float(np.log2(known["context_trained"]))] * 2


def upright(known: Known) -> list[float]:
    """The ends of that line."""
    low, high = heights(known)
    return [10**low, 10**high]


def components(known: Known) -> np.ndarray:
    """Numbers of the directions, from 1."""
    return np.arange(1.0, len(known["shrinkage"]) + 1)


def largest(known: Known) -> float:
    """Largest entry of the best layer."""
    return float(np.max(np.abs(known["matrix"]), initial=0.1))


def implements(known: Known) -> str:
    """The diagonal that is predicted at the end."""
    diagonal = np.diag(known["matrix_final"]) if "matrix_final" in known else []
    said = ", ".join(significant(float(one), 3) for one in diagonal)
    return f"predicted at the end: {said} on the diagonal, 0 elsewhere" if said else ""


def tiles(known: Known) -> Sequence[Tile]:
    """First and last fall with their scatter, the last level, and what longer contexts bring."""
    if "spread" not in known:  # noise has not been looked at yet
        return []
    t = known["jump_times"]
    falls = np.flatnonzero(np.isfinite(t))
    made = []
    for d in dict.fromkeys(falls[[0, -1]].tolist() if len(falls) else ()):
        line = f"± {significant(float(known['spread'][d]), 2)} by the noise of the batches"
        made.append(
            Tile(f"jump_times[{d}]", f"direction {d + 1} is read from", line, symbol=f"t_{d + 1}",
                 digits=3)
        )  # fmt: skip
    made += [
        Tile("loss_final", "loss in the end", f"{short(silence(known))} for a layer that is silent",
             symbol=f"L_{len(falls)}", unit="", digits=3, claim=""),
        Tile("context_loss[-1]", "loss with 256 examples", "no more context brings it to 0",
             symbol="L(256)", unit="", digits=3, measured="", claim="context_curve"),
    ]  # fmt: skip
    return made


def sweep(over: str) -> tuple[Picture, ...]:
    """The falls and the last loss against a knob."""
    del over
    return (
        Law("jump_times", log=True, names="$t_#$"),
        Law("loss_final", log=True, title="Loss in the end", symbol="L", y="loss $L$"),
    )  # fmt: skip


VIEW = View(
    Profile("read", id="clouds", theory=lines, name="mean", over="place", ticks=directions,
            second="truth", second_name="all of it", lines=False, linear=(-HIGHEST, HIGHEST),
            x="the task's true coordinate $w_d$", y=r"read from the context",
            title="What it reads from the context", symbol=r"(U^\top\beta)_d",
            note="each dot a task it has never seen; a cloud rears up as its step falls",
            alt=lambda k: "What the layer reads of 100 new tasks against their true coordinates, "
            f"one cloud for each of {len(k['shrinkage'])} directions; in the end with slopes "
            f"{', '.join(significant(float(s), 2) for s in k['reading'][-1])}."),
    (
        Curves("loss", title="Each step, one more direction", levels=(
                   Level("levels", "$L_#$", first=0),),
               linear=True, alt="Loss against time, with the levels on which it should rest."),
        Curves("strengths", names="direction #", label="half", y="strength $s_d$", bands=False,
               linear=(-0.06, 1.25), title="Strength of each direction"),
        Profile("losses_at_lengths", id="contexts", theory="context_loss", over=doublings,
                ticks=lengths, log=heights, second=best, second_name="best possible",
                x="examples in the context $n$", y="loss $L(n)$", symbol="L(n)",
                title="Longer contexts than it was trained on",
                levels=(Level(silence, "silent"),),
                given=(Given(trained_at, upright, "trained at", "line"),),
                note="grey: the length of the training; without noise the best is 0 from $n=D$ on",
                alt="Loss against the number of examples in the context."),
        Map("matrix", id="matrix", rows=components, columns=components, x="query's direction",
            y="context's direction", title="What the attention implements", symbol="U",
            colours="sign", span=(lambda k: -largest(k), largest), down=True,
            hover="U of %{y} and %{x}: %{z:.3f}", note=implements),
    ),
    tiles,
    (Moment("jump_times", "t_#"),),
    legend={
        "theory": "theory, steps on averages", "second_theory": "all of the task; best possible",
    },
    derived={"read": read},
    sweep=sweep,
    guess=Guess.time(
        "jump_times[0]", "When does it learn to read the first direction?", panel="loss"
    ),
)  # fmt: skip
