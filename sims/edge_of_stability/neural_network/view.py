"""The picture at the edge: sharpness, loss, function, path and size of the oscillation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.edge_of_stability.neural_network.learning_rates import DERIVED, learning_rates
from sims.edge_of_stability.neural_network.params import ADAPTIVE
from sims.edge_of_stability.neural_network.tiles import TILES, has_central_flow, number
from sims.view import (
    STEPS,
    Arrays,
    Curves,
    Derived,
    Given,
    Guess,
    Known,
    Moment,
    Picture,
    Profile,
    Span,
    View,
    decades,
)

CEILING = 4.0
"""Multiples of the edge above which no sharpness is drawn."""
WARM_STEPS = 20
"""Steps of an adaptive rule in which its preconditioner is still next to nothing."""
MOST_DRAWN = 4
"""Eigenvalues that are drawn, each in its colour."""
COLOURS = ("blue", "orange", "green", "pink")
DEEPEST = 1e-4
"""Share of the largest below which a distance or an oscillation is not drawn."""
NO_THEORY = "no theory of this rule; appears with the run"
NETWORKS = {"cnn": " of a convolutional net", "transformer": " of a transformer"}
LOSSES = ("loss", "loss_gradient_flow", "loss_central_flow")
MEAN_LOSSES = ("mean_loss", "mean_loss_gradient_flow")
FLOWS = ("weights", "weights_gradient_flow")


def is_adaptive(known: Known) -> bool:
    """Whether the rule has a preconditioner: such rules have no gradient flow."""
    return known.get("optimizer") in ADAPTIVE


def is_guide(known: Known) -> bool:
    """Whether the gradient flow is of another rule, and followed no farther than the edge."""
    return known.get("optimizer") in ("polyak", "nesterov", "sgd")


def lacking(*names: str) -> Callable[[Known], str]:
    """What stands in a panel for which none of these is predicted."""
    return lambda known: "" if any(name in known for name in names) else NO_THEORY


# Sharpness over its edge


def drawn(known: Known) -> range:
    """Indices of the eigenvalues that are drawn, largest first."""
    names = ("sharpness_midpoint", "sharpness_gradient_flow")
    tracked = next((known[n].shape[-1] for n in names if n in known), 2)
    return range(min(tracked, MOST_DRAWN))


def over_edge(known: Known, name: str) -> np.ndarray:
    """Predicted eigenvalues over the edge, (record, eigenvalue), NaN above the ceiling."""
    ratio = known[name] / known["edge"]
    return np.where(ratio <= CEILING, ratio, np.nan)


def plateau(known: Known) -> np.ndarray:
    """The edge from where the flow first comes near it, (record,); NaN where it never does."""
    start = known.get("reach_step", 0.0)
    return np.where(known["step"] >= start, 1.0, np.nan)


def eigenvalues(known: Known) -> np.ndarray:
    """Those of the central flow, (record, eigenvalue), or the edge alone, (record,)."""
    name = "sharpness_midpoint"
    return over_edge(known, name) if name in known else plateau(known)


def flow_sharpness(known: Known) -> np.ndarray:
    """The largest eigenvalue on the gradient flow over the edge, (record,)."""
    return over_edge(known, "sharpness_gradient_flow")[:, 0]


def of_sharpness(known: Known) -> list[float]:
    """From zero to above all that is predicted, and the tolerance."""
    seen = [1.25]
    for values in (eigenvalues, flow_sharpness):
        try:
            seen.append(float(np.nanmax(values(known), initial=0.0)))
        except KeyError:
            continue
    return [0.0, 1.08 * max(seen)]


def about_sharpness(known: Known) -> str:
    """What is not drawn, and which colour is which where no predicted curve bears the name."""
    said = []
    if "sharpness_midpoint" not in known:
        named = zip(COLOURS, drawn(known), strict=False)
        said.append(", ".join(rf"{colour} $\lambda_{k + 1}$" for colour, k in named))
    if is_adaptive(known):
        said.append(f"drawn from step {WARM_STEPS} on, and below {CEILING:.0f} edges")
    elif "sharpness_gradient_flow" in known:
        top = np.nanmax(known["sharpness_gradient_flow"][:, 0], initial=0.0)
        if top > CEILING * known["edge"]:
            said.append(f"not drawn above {CEILING:.0f} edges")
    return "; ".join(said)


def told_sharpness(known: Known) -> str:
    """The same picture in a sentence."""
    edge = significant(known["edge"])
    return f"Sharpness over its edge, {edge}, against steps; the run should settle at one."


def sharpness(known: Known) -> Curves:
    """The largest eigenvalues of the Hessian, preconditioned where the rule is, over the edge."""
    matrix = "P^{-1}H" if is_adaptive(known) else ""
    letters = rf"\lambda_i({matrix})" if matrix else r"\lambda_i"
    whose = NETWORKS.get(str(known.get("architecture", "")), "")
    return Curves("sharpness_over_edge", id="sharpness", title=f"Sharpness{whose} over its edge",
                  symbol=rf"{letters}\,/\,\mathrm{{edge}}", y="sharpness / edge", entries=drawn,
                  names=r"$\lambda_#$", label="half", theory=eigenvalues, second=flow_sharpness,
                  linear=of_sharpness, levels=(1.0,), tolerance="sharpness_at_edge", around=1.0,
                  usual=0.03, note=about_sharpness, alt=told_sharpness)  # fmt: skip


def of_run(name: str, *, top: bool = False) -> Derived:
    """A run's eigenvalues over the edge; NaN above the ceiling or before they mean much."""

    def ratio(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        found = run[name] / float(np.ravel(prediction["edge"].values)[0])
        if name == "batch_sharpness":
            return found
        seen = found <= CEILING
        if "sharpness_gradient_flow" not in prediction:
            steps = prediction["step"].values[: found.shape[1]]
            seen &= (steps >= WARM_STEPS)[:, None]
        found = np.where(seen, found, np.nan)
        return found[..., 0] if top else found

    return ratio


BATCH = Curves(
    ("top_over_edge", "batch_over_edge"), id="batch_sharpness",
    title="Which of the two is at the edge?", symbol=r"\mathrm{BS}\,/\,\mathrm{edge}",
    y="sharpness / edge", names=(r"$\lambda_1$", "batch sharpness"), label="left",
    theory=plateau, linear=(0.0, 1.6), levels=(1.0,),
    alt="Batch sharpness and the top eigenvalue over two over eta, against steps.",
)  # fmt: skip


# Losses


def of_losses(*names: str) -> Callable[[Known], list[float]]:
    """Decades of what is predicted, wide where no central flow says how low the run comes."""

    def span(known: Known) -> list[float]:
        curves = [np.ravel(known[n]) for n in names if n in known]
        seen = np.concatenate([*curves, np.zeros(0)])
        seen = seen[np.isfinite(seen) & (seen > 0)]
        if not seen.size:
            return decades(1e-5, 0.5)
        low, high = float(seen.min()), float(seen.max())
        return decades(low if has_central_flow(known) else min(low, 1e-4 * high), high)

    return span


MEAN_LOSS = Curves(
    "mean_loss", title="Loss, mean of 200 steps", y=r"mean loss $\bar L$",
    second="mean_loss_gradient_flow", log=of_losses(*MEAN_LOSSES), empty=lacking(*MEAN_LOSSES),
)  # fmt: skip


def about_part(known: Known) -> str:
    """What the dots are."""
    share = r"the oscillation's share, $\mathrm{tr}\,\Sigma\,/\,\eta$"
    return f"dots: the central flow without {share}" if "loss_central_flow" in known else ""


LOSS = Curves(
    "loss", title="Loss of every recorded step", y="loss $L$", second="loss_gradient_flow",
    part="loss_central_flow", log=of_losses(*LOSSES), empty=lacking(*LOSSES), note=about_part,
)  # fmt: skip


# The network function, and the way there


def of_function(known: Known) -> list[float]:
    """Range of the targets and of what is predicted."""
    names = ("target", "network_function", "network_function_gradient_flow")
    seen = np.concatenate([np.ravel(known[n]) for n in names if n in known])
    low, high = float(np.nanmin(seen)), float(np.nanmax(seen))
    return [low - 0.12 * (high - low), high + 0.12 * (high - low)]


FUNCTION = Profile(
    "network_function", title="What the network computes", over="input", x="input $x$",
    y="output $f$", second="network_function_gradient_flow", second_name="gradient flow",
    dots=False, linear=of_function, given=(Given("input", "target", "target"),),
    note="circles: the targets; drag the scrubber",
    when=lambda known: "input" in known and "target" in known,
    alt="The network's output against its input at the time of the scrubber, with the targets.",
)  # fmt: skip


def to_flow(name: str) -> Derived:
    """Distance of a run's weights to those of a flow, as far as it is predicted."""

    def distance(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        theory, weights = prediction[name], run["weights"]
        values = theory.values if "seed" in theory.dims else theory.values[None]
        flow = np.full_like(weights, np.nan)
        seeds = min(len(flow), len(values))
        flow[:seeds] = values[:seeds, : weights.shape[1]]
        found = np.linalg.norm(weights - flow, axis=-1)
        found[:, 0] = np.nan  # all begin at the same weights
        return found

    return distance


def flows_apart(known: Known) -> np.ndarray:
    """Distance between the flows, (snapshot,), NaN while they are next to the same."""
    apart = np.linalg.norm(known[FLOWS[0]] - known[FLOWS[1]], axis=-1)
    return np.where(apart > DEEPEST * np.nanmax(apart, initial=1e-6), apart, np.nan)


def last_apart(known: Known) -> float:
    """Distance between the flows at the end, of which the tolerance is a share."""
    apart = flows_apart(known)
    return float(apart[np.isfinite(apart)][-1])


def are_apart(known: Known) -> bool:
    """Whether the flows have parted."""
    return bool(np.isfinite(flows_apart(known)).any())


def of_distance(known: Known) -> list[float]:
    """Decades below and above the distance between the flows."""
    high = 1.0
    if all(n in known for n in FLOWS) and are_apart(known):
        high = max(float(np.nanmax(flows_apart(known))), 1e-3)
    return decades(DEEPEST * high, 10 * high)


def distance(known: Known) -> Curves:
    """Distances of the run's weights to both flows, and of the flows to each other."""
    both = all(n in known for n in FLOWS)
    curves = ["to_central_flow"] * (FLOWS[0] in known) + ["to_gradient_flow"]
    return Curves(tuple(curves), id="distance", title="Distance to the flows", at="snapshots",
                  symbol=r"\|w-w_\mathrm{flow}\|", y=r"distance $\|w-w_\mathrm{flow}\|$",
                  names=tuple(c.replace("_", " ").replace("central", "the central")
                              for c in curves),
                  label="upper", theory=None, second=flows_apart if both else None,
                  along="snapshot_step", log=of_distance,
                  tolerance="distance" if both and are_apart(known) else "", unit=last_apart,
                  usual=0.1, empty="" if both else "appears with the run",
                  alt="Distance of the run's weights to the central flow and to gradient flow.",
                  )  # fmt: skip


def oscillation(known: Known) -> Curves:
    """The mean square distance from the midpoint, in units of a power of ten."""
    linear: Span
    log: Span
    unit, y = 1.0, r"oscillation $\mathrm{tr}\,\Sigma$"
    linear, log = False, (-14.5, -0.6)
    top = float(np.nanmax(known["oscillation"], initial=0.0)) if "oscillation" in known else 0.0
    if top > 0:
        power = math.floor(math.log10(top))
        unit, top = 10.0**power, top / 10.0**power
        y += rf" $\times\,10^{{{-power}}}$" if power else ""
        linear, log = (-0.05 * top, 1.35 * top), lambda _: decades(1e-4 * top, 2 * top)
    return Curves("oscillation", title="Size of the oscillation, mean of 200 steps", y=y, over=unit,
                  empty=lacking("oscillation"), linear=linear, log=log)  # fmt: skip


def panels(known: Known) -> Sequence[Picture]:
    """What is drawn of this rule."""
    made: list[Picture] = [MEAN_LOSS]
    made += [BATCH] if known.get("optimizer") == "sgd" else []
    made.append(FUNCTION)
    if any(n in known for n in FLOWS) and not is_guide(known):
        made.append(distance(known))
    return [*made, oscillation(known), LOSS]


# Moments, and the words of the legend


def finite(name: str) -> Callable[[Known], bool]:
    """Whether a step is known and comes."""
    return lambda known: math.isfinite(number(known, name))


def theory_in_words(known: Known) -> str:
    """What the dashes are."""
    return "theory, central flow" if has_central_flow(known) else "theory, the edge"


def second_in_words(known: Known) -> str:
    """What the second line is."""
    if is_adaptive(known):
        return "central flow without its oscillation"
    return f"gradient flow{', a guide up to the edge' if is_guide(known) else ''}"


VIEW = View(
    sharpness, panels, TILES,
    (
        Moment("break_step", r"t_\mathrm{break}", when=finite("break_step")),
        Moment("reach_step", "t_{0.95}", when=lambda k: not finite("break_step")(k)),
        Moment("second_step", "t_2"),
    ),
    clock=STEPS,
    legend={"theory": theory_in_words, "second_theory": second_in_words},
    derived={
        "sharpness_over_edge": of_run("sharpness_midpoint"),
        "top_over_edge": of_run("sharpness_midpoint", top=True),
        "batch_over_edge": of_run("batch_sharpness"),
        "to_central_flow": to_flow("weights"),
        "to_gradient_flow": to_flow("weights_gradient_flow"),
        **DERIVED,
    },
    sweep=learning_rates,
    guess=Guess.time("reach_step", "At which step is the sharpness at 0.95 of the edge?"),
)  # fmt: skip
