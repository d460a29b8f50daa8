"""The picture of the critical batch: steps and samples at every batch size, as learners arrive."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from sims.core.format import short, significant
from sims.scaling_laws.critical_batch import theory
from sims.scaling_laws.critical_batch.claims import crossings
from sims.view import (
    Arrays,
    Clock,
    Curves,
    Given,
    Guess,
    Known,
    Law,
    Level,
    Moment,
    Picture,
    Profile,
    Tile,
    View,
    decades,
)  # fmt: skip

SAMPLES = Clock("samples seen", "step", "log", switches=True, step_word="sample")
NAMES = tuple(str(4**k) for k in range(6))
"""Of the learners whose loss is drawn."""
TOP = 1.5
"""Loss up to which curves are drawn; it is 1 at the start."""
MOST_TICKS = 6
"""Batch sizes that are written along an axis."""


def doublings(known: Known) -> np.ndarray:
    """Batch sizes in powers of two, so that they are evenly spaced."""
    return np.log2(known["batch"])


def ticks(known: Known) -> dict[float, str]:
    """Batch sizes at their places, every second one where they are many."""
    B = known["batch"]
    every = 1 if len(B) <= MOST_TICKS else 2
    return {float(np.log2(b)): str(int(b)) for b in B[::every]}


def every_second(known: Known) -> list[int]:
    """Learners whose loss is drawn: batches of 1, 4, 16, ...; each is a staircase."""
    return list(range(0, len(known["batch"]), 2))


def reached(known: Known) -> np.ndarray:
    """Predicted steps to the target; NaN where it is never reached."""
    S = np.asarray(known["steps_to_target"], float)
    return np.where(np.isfinite(S), S, np.nan)


def samples(known: Known) -> np.ndarray:
    """Predicted samples to the target, B S."""
    return known["batch"] * reached(known)


def hyperbola_samples(known: Known) -> np.ndarray:
    """The same by the hyperbola: S_min (B + B_crit)."""
    return known["batch"] * np.asarray(known["hyperbola"], float)


def fewest_samples(known: Known) -> float:
    """What is needed at least, S_min B_crit."""
    return float(known["s_min"] * known["critical_batch"])


def holding(*of: Callable[[Known], np.ndarray], least: Callable[[Known], float]):
    """Decades that hold what is predicted, with room for a run beside it."""

    def span(known: Known) -> list[float]:
        values = np.concatenate([one(known) for one in of])
        return decades(0.7 * min(float(np.nanmin(values)), least(known)), 1.5 * np.nanmax(values))

    return span


def losses(known: Known) -> list[float]:
    """Decades from below the target to above the start; what diverges leaves them."""
    target = known["target_loss"]
    low = np.min(known["loss"], initial=target, where=known["loss"] > 0)
    return decades(0.8 * max(float(low), 0.2 * target), TOP)


def noise_scales(known: Known) -> list[float]:
    """Decades that hold the noise scale and all batch sizes: they do not tell the corner."""
    curve, B = known["noise_scale_curve"], known["batch"]
    return decades(min(1.0, 0.7 * curve.min()), max(1.5 * curve.max(), float(B[-1])))


def drawn(known: Known) -> np.ndarray:
    """Predicted losses, as far up as they are drawn."""
    return np.where(known["loss"] <= TOP, known["loss"], np.nan)


def loss_drawn(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Losses as far up as they are drawn: some diverge."""
    del prediction
    return np.where(run["loss"] <= TOP, run["loss"], np.nan)


def at_best(known: Known) -> bool:
    """Whether every batch size has its best rate."""
    return bool(np.array_equal(known["eta"], known["eta_best"]))


def other_rates(known: Known) -> np.ndarray:
    """Beside the best rates those in proportion to the batch, and beside others the best ones."""
    return known["eta_best"][0] * known["batch"] if at_best(known) else known["eta_best"]


def other_words(known: Known) -> str:
    """What these are."""
    return "linear rule" if at_best(known) else "best rates"


def steps_so_far(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Steps to the target of the learners that are there, NaN of the others, (seed, row, batch)."""
    B, at = prediction["batch"].values, prediction["step"].values[: run["loss"].shape[1]]
    level, tail = float(prediction["target_loss"]), float(prediction["tail"])
    rows = []
    for loss in np.asarray(run["loss"], float):
        S = crossings(at, loss, B, level, tail)
        rows.append(np.where(at[:, None] >= np.ceil(S) * B, S, np.nan))
    return np.array(rows)


def samples_so_far(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The same in samples."""
    return steps_so_far(run, prediction) * prediction["batch"].values


def corner(known: Known) -> list[float]:
    """Where the corner is along the axis of batch sizes."""
    return [float(np.log2(known["critical_batch"]))]


def last(known: Known) -> str:
    """The largest batch."""
    return short(float(known["batch"][-1]))


def searched(known: Known) -> float:
    """Runs that a search over rates would train, one for each that the theory looked at."""
    return float(len(theory.RATES) * len(known["batch"]))


def sweep(over: str) -> tuple[Picture, ...]:
    """Corner and floor against a knob."""
    del over
    return (
        Law("critical_batch", log=True, second="noise_scale", second_name="noise scale",
            note="dash-dotted: noise scale; dots: from the steps of batch 1 and the largest"),
        Law("s_min", log=True, title="Steps of a full batch", symbol=r"S_\mathrm{min}",
            y=r"steps $S_\mathrm{min}$"),
    )  # fmt: skip


VIEW = View(
    Profile("steps_so_far", id="steps", theory=reached, over=doublings, ticks=ticks, lines=False,
            second="hyperbola", second_name="hyperbola", x="batch size $B$",
            y="steps to the target $S$", title="Steps against batch size", symbol="S(B)",
            log=holding(reached, lambda k: k["hyperbola"], least=lambda k: k["s_min"]),
            levels=(Level("s_min", r"$S_\mathrm{min}$"),),
            given=(Given(corner, lambda k: [2 * k["s_min"]], "corner", "cross"),),
            note=r"cross: the corner, $B_\mathrm{crit}$ and twice $S_\mathrm{min}$; dots come as "
            "learners arrive",
            alt=lambda k: "Steps to the target against batch size: predicted "
            f"{short(float(k['steps_to_target'][0]))} at 1, and never below "
            f"{significant(float(k['s_min']), 3)}."),
    (
        Curves("loss_drawn", id="loss", theory=drawn, log=losses, y="excess loss $L$",
               entries=every_second, names=NAMES, label="half", bands=False,
               title="All batches eat the same samples", symbol="L(B)",
               levels=(Level("target_loss", "target"),),
               note="numbers: batch sizes; each against the samples it has seen"),
        Profile("samples_so_far", id="samples", theory=samples, over=doublings, ticks=ticks,
                lines=False, second=hyperbola_samples, second_name="hyperbola",
                x="batch size $B$", y="samples to the target $BS$", title="The price in samples",
                symbol="B S", log=holding(samples, hyperbola_samples, least=fewest_samples),
                levels=(Level(fewest_samples, r"$S_\mathrm{min}B_\mathrm{crit}$"),),
                note="flat as long as twice the batch means half the steps",
                alt="Samples to the target against batch size: flat, then rising in "
                "proportion."),
        Curves("noise_scale_curve", id="noise_scale", log=noise_scales, bands=False, y="batch size",
               title="Noise scale along the run",
               levels=(Level("critical_batch", r"$B_\mathrm{crit}$"),),
               note="of batches of 1, whose steps are samples; dotted: as they reach the target"),
        Profile("", id="rates", theory="eta", over=doublings, ticks=ticks, x="batch size $B$",
                y=r"learning rate $\eta$", second=other_rates, second_name="other rates",
                title="The rate of each batch", symbol=r"\eta(B)",
                log=lambda k: decades(0.7 * k["eta"].min(), 1.5 * k["eta"].max()),
                note=lambda k: f"dash-dotted: {other_words(k)}",
                alt=lambda k: f"Learning rate against batch size, and the {other_words(k)}."),
    ),
    (
        Tile("critical_batch", "critical batch", "a batch that takes twice the fewest steps",
             digits=3, measured=""),
        Tile("noise_scale", "noise scale at the target", "what the critical batch should be near",
             digits=3, measured="critical_batch"),
        Tile("steps_to_target[-1]", lambda k: f"steps with a batch of {last(k)}",
             lambda k: f"{short(float(k['steps_to_target'][0]))} with a batch of 1", digits=3,
             claim="steps_to_target"),
        Tile("s_min", "steps of a full batch", "no batch needs fewer", digits=3, measured="",
             symbol=r"S_\mathrm{min}"),
        Tile(searched, "runs to find these rates by trying",
             lambda k: f"{len(theory.RATES)} rates at {len(k['batch'])} batch sizes", places=0,
             symbol=""),
    ),
    (Moment(lambda k: k["steps_to_target"][:1], "S(1)"),),
    clock=SAMPLES,
    legend={"second_theory": lambda k: "rule of thumb" + ("" if at_best(k) else ", best rates")},
    derived={
        "loss_drawn": loss_drawn, "steps_so_far": steps_so_far, "samples_so_far": samples_so_far,
    },
    sweep=sweep,
    guess=Guess.level(
        "critical_batch", "Up to which batch does twice the batch mean half the steps?",
        panel="noise_scale",
    ),
)  # fmt: skip
