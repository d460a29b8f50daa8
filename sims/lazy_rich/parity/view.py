"""The picture of parity: losses on their lazy curves, and the share of the bits that matter."""

from __future__ import annotations

import numpy as np

from sims.core.format import short, significant
from sims.lazy_rich.pictures import LOG_STEPS, loss, regime_words
from sims.view import Curves, Guess, Known, Law, Profile, Tile, View

ZERO = 0.5
"""Loss of a constant zero."""


def highest(known: Known) -> float:
    """The largest predicted test loss that is drawn."""
    y = known["test_loss"]
    return max(ZERO, float(y[(y > 0) & (y < 1e3)].max()))


def by_chance(known: Known) -> str:
    """The share of a network that knows nothing."""
    return f"by chance {significant(known['chance'], 3)}"


VIEW = View(
    loss("train_loss", lambda _: 1e-6, symbol="L", y="train loss $L$"),
    (
        Curves("test_loss", symbol="L'", y="test loss $L'$", levels=(ZERO,),
               linear=lambda k: [-0.03 * highest(k), 1.15 * highest(k)],
               log=lambda k: [-3.5, np.log10(2 * highest(k))],
               note="dotted: what a constant zero has"),
        Curves("relevant_share", y="share of the mass $s$", linear=(-0.03, 1.03),
               levels=("chance",),
               note=lambda k: f"dotted: by chance, {significant(k['chance'], 2)}"),
        Profile("axis_shares", over="axis", name="lazy", x="bit $j$", y="share $s_j$",
                linear=lambda k: [-0.02, max(0.5, 1.3 * k["axis_shares"].max())],
                note=lambda k: f"the first {short(k['relevant'])} matter; "
                "drag the scrubber"),
        Law("test_loss_kernel", over="samples", name="kernel", symbol="L'", dots=True,
            title="How many points the kernel needs", x="train points $n$", x_log=True,
            y="test loss of the kernel $L'$", linear=True, shows=(ZERO,), when="test_loss_kernel",
            note="theory alone: the kernel at birth, trained to the end on so many points"),
    ),
    (
        Tile("test_loss_final", "test loss of the lazy net",
             lambda k: rf"here $\alpha$ = {short(k['alpha'])}", symbol="L'", places=4),
        Tile("relevant_share_final", "share of the bits that matter", by_chance,
             claim=""),
        Tile("feature_change_final", "change of the features", regime_words,
             symbol=r"R_\mathrm{pred}", digits=3),
    ),
    clock=LOG_STEPS,
    legend={"theory": "lazy theory, at the run's own step"},
    guess=Guess.level("test_loss_final", "Where does the test loss end?", panel="test_loss"),
)  # fmt: skip
