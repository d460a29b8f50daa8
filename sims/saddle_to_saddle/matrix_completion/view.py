"""The picture of matrix completion: singular values up to the escape, and the held-out error."""

from __future__ import annotations

from sims.view import Curves, Guess, Known, Level, Moment, Tile, View

MOST_SHOWN = 4


def modes(known: Known) -> range:
    """Singular values that are drawn: those of the target and one that should stay small."""
    return range(min(len(known["spectrum"]) + 1, MOST_SHOWN))


VIEW = View(
    Curves("singular_values", entries=modes, names=r"$\sigma_#$", linear=True, log=True, floor=1e-6,
           symbol=r"\sigma_j(W)", y=r"singular value $\sigma_j$",
           levels=(Level("spectrum", "$s_#$"),
                   Level(lambda k: 0.1 * k["observed_top"], r"$\sigma_1/10$"))),
    (
        Curves("heldout_error", title="Held-out error, without theory", y="relative error",
               linear=(-0.05, 1.2), log=(-4.3, 0.35), first="log",
               empty="no theory is known for this curve; it appears with the run"),
        Curves("loss", symbol="L", y="loss $L$", linear=True, log=True, first="log",
               shows=("loss_initial", lambda k: 1e-6 * k["loss_initial"])),
    ),
    (
        Tile("first_escape_time", "first escape",
             r"$\sigma_1$ reaches a tenth of its value in the data", hue=(0, 1)),
    ),
    (Moment("first_escape_time", r"t_\mathrm{esc}"),),
    legend={"theory": "theory, up to the escape"},
    guess=Guess.time("first_escape_time", "When does the product leave zero?"),
)  # fmt: skip
