"""The picture of the solvable models: catapult, flatter minima, two-cycles and chaos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sims.core.format import decimals, short, significant
from sims.edge_of_stability.scalar_models.shown import (
    CEILING,
    COMPARED_STEPS,
    DERIVED,
    end,
    window_note,
    written,
)
from sims.view import (
    Bespoke,
    Clock,
    Curves,
    Difference,
    Guess,
    Known,
    Law,
    Level,
    Moment,
    Picture,
    Tile,
    View,
    decades,
)  # fmt: skip

LOSS_DEPTH = 12.0
EDGE, ETA_LAMBDA = r"2\,/\,\eta", r"\eta\,\lambda"


def is_orbit(known: Known) -> bool:
    """Whether orbits of the map are predicted."""
    return "orbit" in known


def is_catapult(known: Known) -> bool:
    """Whether the curvature at the end is known for every start."""
    return not is_orbit(known) and "curvature_final_curve" in known


def has_map(known: Known) -> bool:
    """Whether loss and curvature follow a map of two numbers."""
    return not is_orbit(known) and "curvature" in known


def seen(*values: object) -> np.ndarray:
    """All finite ones of some numbers, flat."""
    flat = np.concatenate([np.ravel(np.asarray(v, float)) for v in values])
    return flat[np.isfinite(flat)]


# The map of two numbers


def eta_curvature(known: Known) -> np.ndarray:
    """Predicted ηλ."""
    return 2 * known["curvature"] / known["edge"]


def losses(known: Known) -> list[float]:
    """Decades of the loss within the steps that are shown."""
    y = seen(known["loss"][known["step"] <= end(known)])
    y = y[y > 0]
    return decades(max(float(y.min()), 10.0**-LOSS_DEPTH * float(y.max())), float(y.max()))


def highest_losses(known: Known) -> list[float]:
    """Decades of the highest loss from every start."""
    y = seen(known["loss_max_curve"], known["loss"][0])
    y = y[y > 0]
    return decades(float(y.min()), float(y.max()), pad=0.1)


def starts(known: Known) -> list[float]:
    """Range of ηλ at the start."""
    last = float(known["start"][-1])
    return [-0.02 * last, 1.02 * last]


def compared(known: Known) -> float:
    """The last step at which run and map are compared, before rounding has grown."""
    return min(float(COMPARED_STEPS), float(known["step"][-1]))


LOSS = Curves("loss_shown", theory="loss", id="loss", dots=True, title="Loss", symbol="L",
              y="loss $L$", log=losses, note=window_note,
              alt=lambda k: "Loss against steps; theory goes from "
              f"{significant(k['loss'][0])} to {significant(k['loss'][-1])}.")  # fmt: skip
CURVATURE = Curves(
    "eta_curvature", theory=eta_curvature, dots=True, title="Curvature over its scale",
    symbol=ETA_LAMBDA, y=f"${ETA_LAMBDA}$", note=window_note,
    linear=lambda k: [0.0, max(4.4, 1.08 * min(CEILING, float(np.nanmax(eta_curvature(k)))))],
    levels=(Level(2.0, "edge, 2"), Level(4.0, "no return, 4")),
    alt=lambda k: "Learning rate times curvature against steps; theory goes from "
    f"{significant(eta_curvature(k)[0])} to {significant(eta_curvature(k)[-1])}.",
)  # fmt: skip
FINAL = Law(
    "curvature_final_curve", over="start", name="at the end", id="curvature_final",
    run="eta_curvature", at="eta_curvature_start", trail=True, dots=True,
    title="Where the curvature ends", symbol=rf"{ETA_LAMBDA}\;\mathrm{{at\;the\;end}}",
    x=r"at the start, $\eta\,\lambda_0$", x_span=starts, y=f"${ETA_LAMBDA}$ at the end",
    linear=lambda k: [0.0, max(4.4, 1.2 * float(eta_curvature(k)[0]))],
    levels=(Level(2.0, "edge, 2"),), marks=((2.0, "2"), (4.0, "4")),
    note="the run comes down from its start to the curve",
    alt="Learning rate times final curvature against its value at the start, from the map.",
)  # fmt: skip
HIGHEST = Law(
    "loss_max_curve", over="start", name="highest", id="loss_max", run="loss_so_far",
    at="eta_curvature_start", trail=True, dots=True, title="How high the loss is thrown",
    symbol=r"\max\;L", x=r"at the start, $\eta\,\lambda_0$", x_span=starts,
    y=r"highest loss so far, $\max\;L$", log=highest_losses, marks=((2.0, "2"), (4.0, "4")),
    alt="Highest loss against learning rate times curvature at the start, from the map.",
)  # fmt: skip
DIFFERENCE = Difference(
    ("loss", "curvature"), by=("loss_difference", "curvature_difference"), claim="curvature",
    usual=1e-9, id="difference", title="Run minus map", bands=False, dots=True, label="lower",
    names=("loss", r"$\lambda$"), symbol=r"\mathrm{over\;the\;largest\;value}", end=compared,
    moments=False,
)  # fmt: skip


# The plane of two numbers

PLANE = Bespoke(
    "plane",
    id="path",
    title="The path to a minimum",
    symbol="a, b",
    note=f"minima: dashes are flatter, the orange line is sharper than ${EDGE}$",
)
FREE_LOSS = Curves("loss", theory=None, title="Loss, without theory", log=(-14.0, 1.0))


def curvatures(known: Known) -> Curves:
    """Curvature of the run, and of the minimum gradient flow would reach from each step."""
    flow, mapped = "curvature_final_gradient_flow", "curvature" in known
    if mapped:
        theory = {n: n for n in ("curvature", "curvature_gradient_flow")}
        ends = seen(known["edge"], known["curvature"], known["curvature_gradient_flow"])
    else:
        theory = {"curvature": "curvature_final"}
        ends = seen(known["edge"], 0.0, 2.2 * max(known["curvature_initial"], known[flow]))
    low, high = float(ends.min()), float(ends.max())
    room = 0.14 * (high - low)
    return Curves(
        ("curvature", "curvature_gradient_flow"), theory=theory, id="curvature",
        names=("here", "if gradient flow took over"), symbol=r"\lambda",
        title="Curvature, and where gradient flow would end", y=r"curvature $\lambda$",
        dots=0 if every_step(known) else 3, linear=(low - room, high + room),
        levels=(Level("edge", f"edge ${EDGE}$" if mapped else ""), Level(flow)),
        note="blue: here; orange: at the minimum gradient flow would find from here",
    )  # fmt: skip


def every_step(known: Known) -> bool:
    """Whether every step is recorded."""
    return bool((np.diff(known["step"]) == 1).all())


# Orbits


def points(known: Known) -> np.ndarray:
    """The points of the predicted orbit."""
    return seen(known["orbit"])


def visited_here(known: Known) -> np.ndarray:
    """Points the map visits at about this learning rate."""
    return seen(known["attractor"][int(np.argmin(np.abs(known["rate"] - 2 / known["edge"])))])


def numbers(known: Known) -> list[float]:
    """Range of the number itself."""
    ends = seen(points(known), visited_here(known))
    low, high = float(ends.min()), float(ends.max())
    room = 0.25 * max(high - low, 0.2)
    return [low - room, high + room]


def orbit_losses(known: Known) -> list[float]:
    """Range of the loss on the orbit."""
    power = 2 / known["flip_eta"]
    highest = float(np.max((visited_here(known) ** power - 1) ** 2 / 2, initial=0.0))
    top = max(3 * known["loss_orbit"], 0.02, 1.15 * highest)
    return [-0.04 * top, top]


def several(known: Known) -> bool:
    """Whether the orbit has more than one point."""
    return points(known).size > 1


DIAGRAM = Bespoke("orbits", id="orbit", title="Orbits against the learning rate", symbol="x",
                  y="points visited $x$", note="the run's points: its second half")  # fmt: skip
ORBITS = (
    Curves("number", theory=lambda k: np.stack([points(k)] * 2), along=lambda k: [0.0, end(k)],
           id="iterate", dots=4, bands=False, title="The number itself", symbol="x_n",
           y="number $x$", linear=numbers, levels=(Level(points, "$x_#$", when=several),),
           note=window_note, alt=lambda k: "The number against steps; predicted points "
           f"{', '.join(significant(float(p)) for p in points(k))}."),
    Curves(("loss_shown", "loss_averaged"), theory={"loss_averaged": "loss_orbit"}, id="loss",
           names=("each", "mean of 20"), label="upper", dots=4, bands=False,
           title="Loss, and its mean over 20 records", symbol="L", y="loss $L$",
           linear=orbit_losses, note=window_note,
           alt=lambda k: "Loss against steps; the mean on the orbit is "
           f"{significant(k['loss_orbit'])}."),
    Difference("orbit", by="orbit_gap", distance=True, usual=1e-6, dots=3, log=(-17.0, 0.8),
               title="Distance to the nearest predicted point", symbol="||x|-x_i|", y="distance",
               end=lambda k: float(k["step"][-1])),
)  # fmt: skip


def hero(known: Known) -> Picture:
    """Orbits, the loss of the catapult, or the path in the plane."""
    if is_orbit(known):
        return DIAGRAM
    return LOSS if is_catapult(known) else PLANE


def panels(known: Known) -> Sequence[Picture]:
    """What else the model has."""
    if is_orbit(known):
        return ORBITS
    if is_catapult(known):
        return (CURVATURE, FINAL, HIGHEST, DIFFERENCE)
    return (curvatures(known), *((LOSS, DIFFERENCE) if has_map(known) else (FREE_LOSS,)))


# Tiles


def edge_tile(line: str = "") -> Tile:
    """The edge of stability."""
    return Tile(lambda k: written(k["edge"]), "edge of stability", line, symbol=EDGE, measured="",
                claim="")  # fmt: skip


def final_tile(line: str, places: int = 3) -> Tile:
    """The curvature at the end."""
    return Tile("curvature_final", "curvature at the end", line, places=places,
                when=lambda k: bool(np.isfinite(k["curvature_final"])))  # fmt: skip


def divergence(known: Known) -> float:
    """The step of the divergence, infinite where there is none."""
    at = known["divergence_step"]
    return at if np.isfinite(at) else np.inf


DIVERGENCE = Tile(divergence, "step of divergence", symbol=r"n_\mathrm{div}", unit="steps",
                  places=0, measured="divergence_step", claim="divergence_step")  # fmt: skip


def tiles(known: Known) -> Sequence[Tile]:
    """The edge, where the curvature ends, and whether the run diverges; or the orbit's points."""
    if is_orbit(known):
        return orbit_tiles(known)
    edge = known["edge"]
    if is_catapult(known):
        begins = short(float(f"{eta_curvature(known)[0]:.4g}"))
        at = int(known["step"][int(np.nanargmax(known["loss"]))])
        ends = decimals(2 * known["curvature_final"] / edge)
        return (
            edge_tile(f"starts at ${ETA_LAMBDA}$ = {begins}"),
            final_tile(f"${ETA_LAMBDA}$ = {ends} at the end"),
            Tile(lambda k: float(np.nanmax(k["loss"])), "highest loss", f"reached at step {at}",
                 symbol=r"\max\;L", digits=4, measured="", claim=""),
            DIVERGENCE,
        )  # fmt: skip
    flow = known["curvature_final_gradient_flow"]
    if has_map(known):
        return (edge_tile(), final_tile(f"gradient flow would end at {decimals(flow)}"), DIVERGENCE)
    share = short(float(f"{flow / edge:.3g}"))
    return (
        edge_tile(f"the start has {decimals(known['curvature_initial'], 2)}"),
        final_tile(f"gradient flow: {decimals(flow, 2)}, {share} of the edge", 2),
    )


def orbit_tiles(known: Known) -> Sequence[Tile]:
    """Where two-cycles begin, the points of the orbit, and whether it attracts."""
    count = points(known).size
    flip = short(float(f"{known['flip_eta']:.5g}"))
    made = [Tile(lambda _: flip, "two-cycles begin", symbol=r"\eta_\mathrm{flip}", measured="",
                 claim="")]  # fmt: skip
    for i in reversed(range(count)):
        words = f"point {count - i} of the orbit" if count > 1 else "the minimum"
        made.append(Tile(f"orbit[{i}]", words, symbol=f"x_{i + 1}", places=4))
    hold = "attracts" if abs(known["multiplier"]) < 1 else "repels"
    line = f"{'the orbit' if count > 1 else 'the minimum'} {hold}"
    return [*made, Tile("multiplier", "multiplier", line, symbol=r"f\prime", measured="", claim="")]


VIEW = View(
    hero,
    panels,
    tiles,
    (Moment("divergence_step", r"n_\mathrm{div}", when=has_map),),
    clock=Clock("step $n$", "step", end=end),
    legend={
        "theory": lambda k: "theory, orbits of the map" if is_orbit(k)
        else "theory, the two-number map" if has_map(k) else "theory",
        "second_theory": "an orbit that repels",
    },
    derived=DERIVED,
    guess=Guess.curve("loss", "How will the loss go?"),
)  # fmt: skip
