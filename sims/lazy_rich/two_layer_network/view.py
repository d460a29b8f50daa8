"""The picture of the two-layer network: lazy curves, the boundary, neurons, modes, the kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from sims.core.format import decimals, short, significant
from sims.lazy_rich.pictures import capped, loss, power_tile, regime_words
from sims.lazy_rich.two_layer_network.shown import DERIVED
from sims.view import (
    Arrays,
    Bespoke,
    Clock,
    Curves,
    Derived,
    Difference,
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

JUDGED_FROM, JUDGED_TO = 1e-5, 1e6
"""Lazy losses over the first one between which the run is compared."""
CLIMBS = 4
"""Times the climb of the lazy loss to its cap that is drawn beyond the edge."""
MOST_OUTPUT = 10.0
"""Predicted outputs that are still drawn."""
QUARTERS = {0.0: "0", np.pi / 2: "π/2", np.pi: "π", 1.5 * np.pi: "3π/2", 2 * np.pi: "2π"}


def loss_distance(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Ln(L/L_lin) where it is judged, (seed, record)."""
    theory = np.atleast_2d(prediction["train_loss"].values)
    first = theory[: len(run["train_loss"]), :1]
    theory = theory[: len(run["train_loss"]), : run["train_loss"].shape[1]]
    judged = (theory > JUDGED_FROM * first) & (theory < JUDGED_TO * first)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(judged, np.log(run["train_loss"] / theory), np.nan)


def now(name: str) -> Derived:
    """A recorded number at the snapshots, (seed, snapshot, 1)."""

    def at_snapshots(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        shots = run["mode_residuals"].shape[1]
        rows = np.searchsorted(prediction["step"].values, prediction["snapshot_step"].values)
        return run[name][:, np.minimum(rows[:shots], run[name].shape[1] - 1), None]

    return at_snapshots


def eigenvalues_shown(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
    """Kernel eigenvalues that a logarithmic axis can show."""
    return np.where(run["kernel_eigenvalues"] > 0, run["kernel_eigenvalues"], np.nan)


def beyond_the_edge(known: Known) -> bool:
    """Whether the linear model blows up: a straight line on a linear axis of steps."""
    return known["c"] > 1


def below_the_edge(known: Known) -> bool:
    """Whether the linear model converges."""
    return not beyond_the_edge(known)


def end(known: Known) -> float:
    """Beyond the edge a few times as long as the lazy loss climbs; else the whole run."""
    last = float(known["step"][-1])
    left = ~np.isfinite(capped("train_loss")(known))
    if below_the_edge(known) or not left.any():
        return last
    return min(last, float(CLIMBS * known["step"][int(np.argmax(left))]))


def rate(known: Known) -> float:
    """Time τ = ηk/n of one step."""
    return known["learning_rate"] / known["n"]


def floor(known: Known) -> float:
    """Share of the first loss down to which there is room: a rich or thrown run comes below."""
    lazy = known["regime"] == "lazy" and below_the_edge(known)
    return math.inf if lazy else 1e-6


def tenfold(known: Known) -> float:
    """Beyond the edge: the step at which the lazy loss has grown tenfold."""
    grown = np.flatnonzero(known["train_loss"] >= 10 * known["train_loss"][0])
    return float(known["step"][grown[0]]) if grown.size else math.nan


def cut_short(known: Known) -> str:
    """How much of the run the panels show, where that is not all of it."""
    shown, last = end(known), float(known["step"][-1])
    return "" if shown >= last else f"the first {decimals(shown, 0)} of {decimals(last, 0)} steps"


def about_circle(known: Known) -> str:
    """What the circle at this output scale is."""
    if beyond_the_edge(known):
        return "circle: predicted for half the edge, as the linear model has no end here"
    return r"circle: predicted at this $\alpha$; dot: the run at the scrubbed time"


def change(name: str, what: str, letters: str, **how: Any) -> Law:
    """How far features or weights move at every output scale, and where this run stands."""

    def span(known: Known) -> list[float]:
        seen = np.append(known[f"{name}_curve"], known[f"{name}_final"])
        seen = seen[np.isfinite(seen) & (seen > 0)]
        return decades(float(seen.min()), float(min(seen.max(), 1e3)))

    return Law(f"{name}_curve", over="curve_alpha", id=name, title=f"How far the {what} move",
               symbol=letters, x=r"output scale $\alpha$", x_log=True, x_span=(-3.05, 3.05),
               y=f"relative change ${letters}$", log=span, name="lazy", run=f"{name}_now",
               at="alpha", taken="scrub", ring=f"{name}_final", note=about_circle,
               **how)  # fmt: skip


def later_residuals(known: Known) -> np.ndarray:
    """Residuals from the first step on, which is where a logarithmic axis begins."""
    return np.where(known["snapshot_step"][:, None] >= 1, known["mode_residuals"], np.nan)


def about_modes(known: Known) -> str:
    """How the modes are numbered, and how near the run should stay."""
    size = float(np.sqrt(np.nansum(np.square(known["sample_target"]))))
    said = "numbered from the largest eigenvalue; from step 1 on"
    if "tolerance_mode_residuals" not in known:
        return said
    return f"{said}; tolerance {significant(known['tolerance_mode_residuals'] * size, 2)}"


def outputs(known: Known) -> list[float]:
    """Range of teacher and train points, with room for the network."""
    seen = np.concatenate([known["target"], known["sample_target"]])
    low, high = float(seen.min()), float(seen.max())
    return [low - 0.25 * (high - low), high + 0.25 * (high - low)]


def spectrum(known: Known) -> list[float]:
    """Decades of the spectrum; to reach the target the kernel itself must grow."""
    first = known["kernel_eigenvalues"][0]
    seen = first[first > 1e-12 * first.max()]
    room = 3 * (1 + known["smooth_alpha"] / known["alpha"])
    low, high = max(float(seen.min()), 1e-9 * float(seen.max())), room * float(seen.max())
    return decades(low, high)


def born(known: Known) -> np.ndarray:
    """Eigenvalues of the kernel at birth that are not zero."""
    first = known["kernel_eigenvalues"][0]
    return np.where(first > 0, first, np.nan)


def spread(known: Known) -> str:
    """How far the first kernel is from that of infinite width."""
    near, root = known["kernel_spread"], 1 / math.sqrt(known["width"])
    return rf"$|K_0-K_∞|/|K_∞|$ = {significant(near, 2)}; $1/√N$ = {significant(root, 2)}"


def growth(known: Known) -> str:
    """The law of the growth of ln L beyond the edge."""
    return f"2 ln|1 − 2$c$| = {decimals(2 * np.log(abs(1 - 2 * known['c'])))}"


def here(known: Known) -> str:
    """This setting's output scale and richness."""
    gamma = significant(known["gamma_0"], 3)
    return rf"here $\alpha$ = {short(known['alpha'])}, $\gamma_0$ = {gamma}"


def boundary(known: Known) -> str:
    """The output scale where lazy ends."""
    found = known["boundary_alpha"]
    return significant(found, 3) if math.isfinite(found) else "none"


def widths(over: str) -> Sequence[Picture | Tile]:
    """How far features and weights move, and where the boundary is, against a knob."""
    along = over == "alpha"
    smooth: Callable[[Known], Any] | None = None
    if along:
        smooth = lambda k: k["smooth_alpha"] / k["alpha"]  # noqa: E731
    return (
        Law("feature_change_final", log=True, title="Change of the features", second=smooth,
            second_name="α*/α", y="change of the features $R$"),
        Difference("feature_change_final", id="feature_change_ratio", usual=0.05, wide=1.6),
        Law("weight_change_final", log=True, title="Change of the weights",
            y=r"change of the weights $D_\theta$", when="weight_change_final"),
        *(() if along else (
            Law("boundary_alpha", log=True, title="Boundary of lazy", symbol=r"\alpha", runs=(),
                y=r"boundary of lazy $\alpha$", second="smooth_alpha", second_name="α*",
                when="boundary_alpha", note="dashes: where the predicted change meets the "
                "threshold; dash-dots: α*"),
        )),
        power_tile(over),
    )  # fmt: skip


CLOCK = Clock("step $n$", "step", lambda k: "linear" if beyond_the_edge(k) else "log", end,
              other=("τ", r"time $\tau = \eta k/n$", rate))  # fmt: skip

VIEW = View(
    loss("train_loss", floor, note=cut_short),
    (
        loss("test_loss", floor, note=cut_short),
        change("feature_change", "features", "R", levels=("threshold",),
               second=lambda k: k["smooth_alpha"] / k["curve_alpha"], second_name="α*/α",
               marks=(("boundary_alpha", r"\mathrm{boundary}"),)),
        Bespoke("neurons", id="neurons", title="Neurons in the plane", when="neurons_initial",
                symbol="|a_i|w_i", note="circles: lazy end; orange $a$ > 0, blue $a$ < 0; "
                "rays: the teacher's neurons, a guess"),
        Profile("test_function", over="input_angle", title="What the network computes",
                symbol="f(x)", x="angle of the input", y="output $f$", ticks=lambda _: QUARTERS,
                theory=lambda k: np.where(np.abs(k["test_function"]) < MOST_OUTPUT,
                                          k["test_function"], np.nan),
                name="lazy", linear=outputs, dots=False, when="neurons_initial",
                given=(Given("input_angle", "target", "teacher", "line"),
                       Given("sample_angle", "sample_target", "train point")),
                note="grey: the teacher; circles: train points; drag the scrubber"),
        Curves("rate_over_edge", title="Rate over the edge of the moving kernel",
               y=r"$\eta\lambda_\max/2n$", linear=lambda k: [0.0, 1.25 * k["c"]],
               levels=(Level(1, "edge, 1"), Level("c", lambda k: f"start, {short(k['c'])}")),
               empty="predicted: below 1 at the end; appears with the run",
               when=beyond_the_edge),
        Curves("mode_residuals", title="Residuals of the largest modes", names="#", label="half",
               y=r"residual $u_j\cdot(y-f)$", theory=later_residuals, when=below_the_edge,
               note=about_modes),
        Difference("train_loss", by="loss_distance", usual=0.13, wide=1.6, when=below_the_edge,
                   title="Train loss over its prediction", symbol=r"\ln(L/L_\mathrm{lin})",
                   moments=False, note="as far down as it is judged, to 10⁻⁵ of the first loss"),
        change("weight_change", "weights", r"D_\theta", marks=(("boundary_alpha", ""),)),
        Curves(("alignment", "alignment_centred"), symbol=r"A(K, yy^\top)", y="alignment",
               names=("with the target", "with the target, centred"), linear=(-0.03, 1.03),
               title="Alignment of the kernel with the target",
               empty="no theory; appears with the run",
               note="blue: as it is; orange: both centred. It may fall where the net is rich"),
        Profile("eigenvalues_shown", id="kernel_eigenvalues", title="Spectrum of the kernel",
                theory=born, name="at birth", symbol=r"\lambda_j", x="number $j$",
                y=r"eigenvalue $\lambda_j$", log=spectrum,
                note="dashes: the kernel it was born with; dots: at the scrubbed time"),
        Bespoke("kernel_maps", id="kernel", title="The kernel itself", symbol="K", note=spread),
        Curves("mass_near_teacher", title="Mass near a ray of the teacher",
               y="share of the mass $m$", linear=(-0.03, 1.03), when="neurons_initial",
               empty="no theory; appears with the run",
               note="share of Σ|a||w| within 15 degrees; of a line where the activation is odd"),
    ),
    (
        Tile("catapult_slope", "growth of ln L", growth),
        Tile("feature_change_final", "change of the features", regime_words,
             symbol=r"R_\mathrm{pred}", digits=3),
        Tile("weight_change_final", "change of the weights", digits=3),
        Tile(boundary, "boundary of lazy", here, symbol=r"\alpha"),
        Tile("smooth_alpha", "smooth law α*/α", symbol=r"\alpha^*", digits=3),
    ),
    (Moment(tenfold, r"n_\mathrm{×10}"),),
    clock=CLOCK,
    legend={"theory": "lazy theory, at the run's own step", "second_theory": "smooth law, α*/α"},
    derived=DERIVED | {
        "loss_distance": loss_distance,
        "feature_change_now": now("feature_change"),
        "weight_change_now": now("weight_change"),
        "eigenvalues_shown": eigenvalues_shown,
    },
    sweep=widths,
    guess=Guess.curve("train_loss", "How will the train loss go?"),
)  # fmt: skip
