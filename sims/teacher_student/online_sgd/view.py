"""The picture of online SGD: the error on its plateau, in the band, and who learns whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import short, significant
from sims.view import (
    Arrays,
    Clock,
    Curves,
    Guess,
    Known,
    Law,
    Level,
    Map,
    Moment,
    Picture,
    Tile,
    View,
    decades,
)  # fmt: skip

EXAMPLES = Clock("examples per dimension $t$")
WIDTH = 2.0
"""Predicted standard deviations to either side that are shaded."""
MOST_CURVES = 8


def around_error(side: int):
    """One edge of the band around the error, (record,): it is as wide in ln ε."""
    return lambda known: known["eps"] * np.exp(side * WIDTH * known["sd_eps"] / known["eps"])


def around_overlaps(side: int):
    """One edge of the bands around the overlaps, (record, overlap)."""
    return lambda known: known["overlaps"] + side * WIDTH * known["sd_overlaps"]


def errors(known: Known) -> list[float]:
    """Decades that hold the curve, its band and a run beside it."""
    eps = known["eps"]
    return decades(max(0.6 * float(eps.min()), 3e-7), 1.5 * float(eps.max()))


def deviations(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """ln(run/theory) over its predicted standard deviation, (seed, row)."""
    eps = np.asarray(run["eps"], float)
    theory, sd = (prediction[name].values[..., : eps.shape[1]] for name in ("eps", "sd_eps"))
    with np.errstate(all="ignore"):
        found = np.log(eps / theory) / (sd / theory)
    return np.where(np.isfinite(found), found, np.nan)


def places(known: Known, letter: str) -> list[int]:
    """Where these overlaps stand among all: R, or the lengths Q_kk."""
    names = [str(name) for name in known["overlap"]]
    is_asked = {"R": lambda n: n[0] == "R", "Q": lambda n: n[0] == "Q" and n[1] == n[2]}[letter]
    return [i for i, name in enumerate(names) if is_asked(name)][:MOST_CURVES]


def named(known: Known, found: Sequence[int]) -> tuple[str, ...]:
    """Names of these overlaps."""
    return tuple(rf"${n[0]}_{{{n[1:]}}}$" for n in (str(known["overlap"][i]) for i in found))


def ends(known: Known) -> bool:
    """Whether the plateau is predicted to end within the run."""
    return bool(np.isfinite(known["specialisation_time"]))


def give_or_take(known: Known) -> str:
    """The predicted scatter of that time."""
    share = 100 * known["specialisation_deviation"]
    return f"give or take {significant(share, 2)} %, from run to run"


def last_error(known: Known) -> float:
    """Error at the end."""
    return float(known["eps"][-1])


def panels(known: Known) -> Sequence[Picture]:
    """The panels beside the hero."""
    pairs, lengths = places(known, "R"), places(known, "Q")
    band = (around_overlaps(-1), around_overlaps(1))
    return (
        Curves("overlaps", id="who", entries=pairs, names=named(known, pairs), label="end",
               between=band, y="overlap $R_{km}$", title="Who learns whom", symbol="R_{km}",
               linear=(-0.25, 1.15), levels=(0.0, 1.0), bands=False,
               note="student unit k on teacher unit m; shaded: two predicted deviations"),
        Map("R", id="matrix", rows="unit", columns="teacher_unit", span=(-0.2, 1.0),
            x="teacher unit $m$", y="student unit $k$", down=True, title="Who learns whom, now",
            symbol="R_{km}", hover="R = %{z:.2f}",
            note="at the time of the scrubber; yellow: 1"),
        Curves("deviations", theory=None, bands=False, tolerance="loss_curve", around=0.0,
               linear=(-8.0, 8.0), levels=(0.0,), y="deviations from the curve",
               title="In units of its own scatter",
               note="ln of run over theory, over its predicted standard deviation"),
        Curves("overlaps", id="lengths", entries=lengths, names=named(known, lengths), label="end",
               between=band, y="length $Q_{kk}$", title="How long the student's units are",
               symbol="Q_{kk}", bands=False, note="squared, over d; a teacher unit has 1"),
    )  # fmt: skip


def sweep(over: str) -> tuple[Picture, ...]:
    """When the plateau ends, against a knob."""
    del over
    return (Law("specialisation_time", title="When the plateau ends", symbol="t^*",
                y="examples per dimension $t^*$"),)  # fmt: skip


VIEW = View(
    Curves("eps", id="loss", log=errors, between=(around_error(-1), around_error(1)),
           title="The plateau", y=r"error $\varepsilon$",
           levels=(Level("specialisation_level", "half the plateau", when=ends),
                   Level("noise_floor", "floor", when="noise_floor")),
           note="dashed: theory; shaded: two predicted standard deviations of a single run",
           alt=lambda k: "Error of the student over examples per dimension, on a logarithmic axis: "
           f"it falls, rests, falls again, and ends at {short(last_error(k))}."),
    panels,
    (
        Tile("specialisation_time", "the plateau ends", give_or_take, places=1, when=ends),
        Tile("specialisation_level", "error then, half of the plateau's", digits=3, symbol="",
             measured="", when=ends),
        Tile(last_error, "error at the end", digits=3, symbol=r"\varepsilon(T)", measured=""),
        Tile("critical_eta", "critical rate", "above it no student stays perfect", places=2,
             symbol=r"\eta_c", measured="", when="critical_eta"),
        Tile("noise_floor", "floor of a settled student", "the label noise it follows", digits=2,
             symbol=r"\varepsilon_\infty", measured="", when="noise_floor"),
    ),
    (Moment("specialisation_time", "t^*", when=ends),),
    clock=EXAMPLES,
    derived={"deviations": deviations},
    sweep=sweep,
    guess=Guess.time(
        "specialisation_time",
        "When has the student's error fallen to half of the plateau?",
    ),
)  # fmt: skip
