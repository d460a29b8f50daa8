"""The picture of one step: a bowl for every width, its best rate, and who does the work."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.view import (
    Arrays,
    Bespoke,
    Clock,
    Curves,
    Given,
    Guess,
    Known,
    Map,
    Moment,
    Picture,
    Profile,
    Tile,
    View,
)  # fmt: skip
from sims.width_transfer.one_step.claims import lowest


def doublings(known: Known) -> np.ndarray:
    """Widths in powers of two, so that they are evenly spaced."""
    return np.log2(known["width"])


def width_ticks(known: Known) -> dict[float, str]:
    """Every width at its place."""
    return {float(np.log2(n)): str(int(n)) for n in known["width"]}


TOP = 1.5
"""Loss over the start's up to which a bowl is drawn: at twice the best rate it is 1 again."""


def bowl(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The loss after a step over before, as far up as it is drawn."""
    del prediction
    is_drawn = (run["loss_ratio"] <= TOP) & (run["rate"] > 0)  # no rate has no place on the axis
    return np.where(is_drawn, run["loss_ratio"], np.nan)


def _so_far(run: Arrays, prediction: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Ln u and loss at the lowest point among the rates tried so far, (seed, row, net)."""
    ratio = np.asarray(run["net_loss_ratio"], float)
    u = np.asarray(prediction["time"].values, float)[: ratio.shape[1]]
    found = [[lowest(u[: k + 1], one[: k + 1]) for k in range(len(u))] for one in ratio]
    at, low = np.moveaxis(np.array(found), 2, 0)
    return np.log(at), low


def _by_width(run: Arrays, prediction: xr.Dataset, values: np.ndarray) -> np.ndarray:
    """Means over the nets of every width, (seed, row, width)."""
    del run
    cuts = np.cumsum(prediction["nets"].values[..., :].reshape(-1, prediction.sizes["width"])[0])
    parts = np.split(values, cuts[:-1].astype(int), axis=2)
    return np.stack([part.mean(axis=2) for part in parts], axis=2)


def ratio_so_far(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Ln of measured over predicted best rate, mean over nets, as far as rates were tried."""
    return _by_width(run, prediction, _so_far(run, prediction)[0])


def best_so_far(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Best rate among those tried so far, geometric mean over nets."""
    told = np.atleast_2d(prediction["best_rate"].values)[:, None]
    return told * np.exp(ratio_so_far(run, prediction))


def loss_so_far(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Lowest loss after a step over before, mean over nets, as far as rates were tried."""
    return _by_width(run, prediction, _so_far(run, prediction)[1])


def panels(known: Known) -> Sequence[Picture]:
    """The panels beside the hero."""
    many = len(known["width"])
    names = tuple(str(int(n)) for n in known["width"])
    return (
        Profile("best_so_far", id="best_rates", theory="best_rate", over=doublings,
                ticks=width_ticks, x="width $n$", y=r"best rate $\eta^*$", log=rate_span,
                lines=False, second="curvature_rate", second_name="guess",
                title="Best rate against width", symbol=r"\eta^*(n)",
                note="dash-dotted: one over the largest curvature; adam: one rate for all",
                alt="Best first learning rate against width: measured, predicted, and a guess."),
        Profile("ratio_so_far", id="over_predicted", theory=lambda k: 0 * k["width"],
                over=doublings, ticks=width_ticks, x="width $n$", lines=False,
                y="ln measured over predicted", title="Measured over predicted",
                symbol=r"\ln\hat\eta/\eta^*", linear=ratio_span,
                given=(Given(doublings, lambda k: k["tolerance_rate"], "tolerance", "bar"),
                       Given(doublings, lambda k: -k["tolerance_rate"], "tolerance", "bar")),
                note="bars: four standard errors, and what is of the next order in 1/n"),
        Map("", id="shares", theory=lambda k: k["shares"].T, rows="layer",
            columns=lambda _: np.arange(float(many)),
            ticks=lambda _: {float(i): name for i, name in enumerate(names)},
            x="width $n$", y="layer $l$", span=(0.0, 1.0), written=1,
            title="Who does the work", symbol=r"w_l = |\varphi_l|/|\varphi|",
            hover="layer %{y}: %{z:.3f}",
            note="share of each layer of weights in the first change of the output"),
        Profile("loss_so_far", id="best_losses", theory="best_loss", over=doublings,
                ticks=width_ticks, x="width $n$", y="loss after over before", lines=False,
                linear=(0.0, 1.05), title="What the best step leaves", symbol="1-A"),
        Curves("bowl", id="bowls_together", title="In units of each width's own rate",
               symbol="L_1/L_0(u)", names=names, entries=range(many), bands=False,
               theory=lambda k: np.where(k["loss_ratio"] <= TOP, k["loss_ratio"], np.nan),
               linear=(0.0, TOP), y="loss after over before",
               note="twice the best rate undoes the step"),
    )  # fmt: skip


def rate_span(known: Known) -> tuple[float, float]:
    """Decades that hold theory and guess, with room for another factor of two."""
    both = np.concatenate([known["best_rate"], known["curvature_rate"]])
    return float(np.log10(both.min() / 2)), float(np.log10(both.max() * 2))


def ratio_span(known: Known) -> tuple[float, float]:
    """Room for the tolerance on both sides."""
    most = 1.4 * float(np.max(known["tolerance_rate"]))
    return -most, most


def ends(known: Known) -> str:
    """The rates of the narrowest and the widest nets."""
    first, last = (significant(float(known["best_rate"][i]), 3) for i in (0, -1))
    return f"{first} at width {int(known['width'][0])}, {last} at {int(known['width'][-1])}"


def guess_off(known: Known) -> str:
    """How far off the guess without the law would be."""
    factor = float(known["curvature_rate"][-1] / known["best_rate"][-1])
    return f"the naive guess is {significant(factor, 2)} times that"


VIEW = View(
    Bespoke("bowls", id="bowls", title="One step, every width", symbol=r"L_1/L_0(\eta)",
            y="loss after the step over before",
            note="one bowl for each width, dark: wide; dotted: the predicted best rates"),
    panels,
    (
        Tile("best_rate[-1]", "best first rate of the widest nets", guess_off, digits=3,
             symbol=r"\eta^*", unit="", claim="best_rate"),
        Tile("typical_rate", "typical best rate, all widths", ends, digits=3, unit="",
             claim="level"),
        Tile("rate_slope", "power of the width it goes with",
             "−1: half the rate for twice the width", digits=3, claim="slope"),
        Tile("best_loss[-1]", "of the loss is left after the widest nets' step", places=3,
             symbol="1-A", claim="best_loss"),
    ),
    (Moment(1.0, "1"), Moment(2.0, "2")),
    clock=Clock(
        r"rate over the predicted one $u$", scale="log", time_word="u", step_word="rate"
    ),
    legend={
        "theory": "theory, to first order in 1/n",
        "second_theory": "guess without the law",
    },
    derived={
        "bowl": bowl,
        "best_so_far": best_so_far,
        "ratio_so_far": ratio_so_far,
        "loss_so_far": loss_so_far,
    },
    guess=Guess.level(
        "best_rate[-1]", "What is the best first rate of the widest nets?", panel="best_rates"
    ),
)  # fmt: skip
