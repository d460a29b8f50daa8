"""The picture of the linear network: loss staircase, modes, and the geometry of the saddles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from sims.core.format import decimals, short, significant
from sims.saddle_to_saddle.linear_network.dendrogram import predicted_tree, run_tree
from sims.saddle_to_saddle.linear_network.shown import (
    FLOW,
    GONE,
    MOST_SHOWN,
    apart,
    deepest,
    flow_strengths,
    gradients,
    groups,
    has_levels,
    lasting,
    level_means,
    loss,
    modes,
    most_ways,
    nothing_left,
    other_loss,
    plateaus,
    rank,
    reach,
    saddle_distances,
    strengths,
    strongest,
    tied,
    visited,
    ways_down,
    ways_edges,
    ways_stairs,
)
from sims.saddle_to_saddle.linear_network.sweep_view import SLOPES, jump_times
from sims.saddle_to_saddle.linear_network.tree import embedding, illusion, is_tree
from sims.view import (
    Arrays,
    Bespoke,
    Curves,
    Difference,
    Guess,
    Known,
    Level,
    Moment,
    Picture,
    Tile,
    View,
)  # fmt: skip

SHOWN_TILES = 4
ORDINALS = ("first", "second", "third", "fourth")


# Quantities computed for the screen


def _spectrum(prediction: xr.Dataset) -> np.ndarray:
    found = prediction["spectrum"]
    return found.values[0] if "seed" in found.dims else found.values


def flow_gap(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Mode strengths minus those of gradient flow."""
    flow, a = prediction[FLOW], run["mode_strengths"]
    theory = flow.values if "seed" in flow.dims else flow.values[None]
    return a - theory[: len(a), : a.shape[1]]


DERIVED = {
    "effective_rank": lambda run, known: rank(run["singular_values"], _spectrum(known)),
    "level_strengths": lambda run, known: level_means(run["mode_strengths"], _spectrum(known)),
    **SLOPES,
    "flow_gap": flow_gap,
    "illusion": lambda run, _: illusion(run["product"]),
    "embedding_x": embedding(0),
    "embedding_y": embedding(1),
    "tree": run_tree,
    "tree_predicted": predicted_tree,
}


# Panels


def halves(title: str, noun: str, times: np.ndarray, shares: np.ndarray) -> str:
    """When each curve passes one half, in words; shares is (record, curve)."""
    reached = [
        f"{noun} {k + 1} at {significant(float(times[np.argmax(share >= 0.5)]))}"
        for k, share in enumerate(shares.T[:MOST_SHOWN])
        if (share >= 0.5).any()
    ]
    said = ", ".join(reached) or "never"
    return f"{title} against time; theory passes one half: {said}."


def about_modes(known: Known) -> str:
    """What the panel of single modes shows, in a sentence."""
    shares = strengths(known) / known["spectrum"]
    return halves("Mode strengths", "mode", known["time"], shares)


def flow_levels(known: Known) -> np.ndarray:
    """Mean strengths of the levels in gradient flow, (record, level)."""
    return level_means(known[FLOW], known["spectrum"])


def about_levels(known: Known) -> str:
    """What the panel of whole levels shows, in a sentence."""
    return halves("Strength of each level", "level", known["time"], flow_levels(known))


def cycle(side: int) -> Level:
    """One of the two heights between which mode 1 hops past the stability edge."""

    def height(known: Known) -> float:
        return float(np.ravel(known["two_cycle"])[side] / known["spectrum"][0])

    return Level(height, lambda known: decimals(height(known)))


LOSS = Curves("loss", theory=loss, second=other_loss, linear=True, log=True, shows=(deepest,),
              levels=(Level(lasting, "$L_#$", first=0), Level(nothing_left)))  # fmt: skip
STRENGTHS = Curves(
    "mode_strengths", theory=strengths, second=flow_strengths, entries=modes, over=strongest,
    names="mode #", label="half", symbol=r"a_k\,/\,s_k", y=r"$a_k\,/\,s_k$", linear=reach,
    levels=(cycle(0), cycle(1)), when=apart, alt=about_modes,
)  # fmt: skip
LEVELS = Curves(
    "level_strengths", theory=flow_levels, names="level #",
    entries=lambda k: range(min(len(groups(k["spectrum"])), MOST_SHOWN)), label="half",
    title="Strength of each level", symbol=r"\mathrm{mean}\;a_k\,/\,s_k",
    y=r"mean $a_k\,/\,s_k$", linear=True, shows=(1.0,), when=has_levels, alt=about_levels,
)  # fmt: skip
TREE = (
    Bespoke("beliefs", id="product", title="What is believed of each item", symbol="W",
            note="dashes: what theory believes at the end, by more than one half"),
    Bespoke("items", id="embedding", title="Items drifting apart",
            symbol=r"\mathrm{columns\;of}\;W", y="family and item"),
    Bespoke("dendrogram", id="dendrogram", title="How far apart the items are",
            symbol=r"\|w_i-w_j\|", y="distance of outputs",
            note="dashes: theory at the same moment; before the run, at its end"),
    Curves("illusion", theory=lambda k: illusion(k["product"]), at="snapshots",
           id="illusory_correlation", title="An illusory correlation",
           symbol=r"W_\mathrm{canary,\,robin}", y="strength of the belief", linear=(-0.05, 0.62),
           levels=(Level(1 / 8, "1/8"), Level(1 / 4, "1/4"), Level(1 / 2, "1/2")),
           alt=lambda k: "How far the robin is believed to have what only the canary has: theory "
           "rises in steps of 1/8, 1/4, 1/2 to "
           f"{significant(float(illusion(k['product']).max()), 3)} and vanishes."),
)  # fmt: skip
DIGITS = (
    Bespoke("class_pictures", id="class_pictures", title="What each class looks for",
            symbol=r"\mathrm{rows\;of}\;W"),
    Bespoke("class_pictures_predicted", id="class_pictures_predicted",
            title="The same, predicted for the end", symbol=r"\mathrm{rows\;of}\;W"),
)  # fmt: skip
GRADIENT = Curves("gradient_norm", y="gradient norm", linear=True, log=True, first="log",
                  shows=(gradients,))  # fmt: skip
DRIFT = Curves("conserved_drift", title="What finite steps do not conserve",
               symbol=r"W_{l+1}^\top W_{l+1}-W_lW_l^\top", y="relative drift",
               linear=(-0.05, 1.0), log=(-6.3, 0.6), first="log",
               note="gradient flow: 0 for ever")  # fmt: skip
WAYS = Curves(
    "negative_eigenvalues", id="negative_curvatures", at="snapshots", theory=ways_stairs,
    along=ways_edges, steps="all", bands=False, title="Ways down from here",
    symbol="(h-k)(r-k)", y="negative curvatures", linear=most_ways,
    empty="counted once the run is over", when="negative_curvatures",
)  # fmt: skip
RANK = Curves(
    "effective_rank", at="snapshots", steps="all", y="effective rank", title="Effective rank",
    theory=lambda k: rank(k["singular_values"], k["spectrum"]),
    symbol=r"\sigma_j>0.05\,s_j", linear=lambda k: [-0.3, k["spectrum"].size + 0.5],
    alt=lambda k: "Number of learned singular values against time, at most "
    f"{k['spectrum'].size}.",
)  # fmt: skip
DIFFERENCE = {"entries": modes, "names": "mode #", "over": strongest}


def difference(known: Known) -> Picture:
    """Run minus the map, or gradient flow, or for close modes the singular values."""
    if apart(known) and "mode_strengths" in known:
        return Difference("mode_strengths", id="difference", usual=5e-4, **DIFFERENCE,
                          symbol=r"(a_k-a_k^\mathrm{map})\,/\,s_k")  # fmt: skip
    if apart(known) and FLOW in known:
        return flow_difference("difference", "Run minus theory")
    return Difference("singular_values", id="difference", usual=0.02, entries=modes,
                      names=r"$\sigma_#$", over=lambda k: k["spectrum"][0],
                      symbol=r"(\sigma_j-\sigma_j^\mathrm{flow})\,/\,s_1",
                      when="singular_values")  # fmt: skip


def flow_difference(id: str, title: str) -> Picture:
    """Run minus gradient flow."""
    return Difference(FLOW, by="flow_gap", id=id, title=title, usual=0.02, **DIFFERENCE,
                      symbol=r"(a_k-a_k^\mathrm{flow})\,/\,s_k", when=FLOW)  # fmt: skip


def singular_values(known: Known) -> Picture:
    """Singular values of the product on their way to those of the target."""
    s = known["spectrum"]
    ends = []
    for group in groups(s):
        first, last = int(group[0]) + 1, int(group[-1]) + 1
        number = str(first) if first == last else rf"{first}\mathrm{{–}}{last}"
        ends.append(Level(float(s[group[0]]), f"$s_{{{number}}}$"))
    return Curves(
        "singular_values", entries=modes, names=r"$\sigma_#$", symbol=r"\sigma_j(W)",
        y=r"singular value $\sigma_j$", linear=True, levels=tuple(ends),
        alt="Singular values of the product against time; the target has "
        f"{', '.join(short(float(s[g[0]])) for g in groups(s))}.",
    )  # fmt: skip


def distances(known: Known) -> Picture:
    """Distance to the saddles that are visited."""
    saddles = visited(known)[:MOST_SHOWN]
    size = float(np.sqrt((known["spectrum"] ** 2).sum()))
    return Curves(
        "distance_to_saddle", theory=saddle_distances, entries=saddles,
        names=tuple(f"$W_{{{k}}}$" for k in saddles), label="lowest", bands=False,
        symbol=r"\|W-W_k\|", y="distance", linear=(-0.05 * size, 1.1 * size),
        log=(float(np.log10(2e-5 * size)), float(np.log10(1.9 * size))), first="log",
        alt=f"Distance of the product to {len(saddles)} saddles against time.",
    )  # fmt: skip


def ways(known: Known) -> list[Picture]:
    """How many directions lead down, with the predicted numbers as levels."""
    if "negative_curvatures" not in known:
        return []
    counts = [float(v) for v in ways_down(known) if np.isfinite(v)]
    said = ", ".join(f"{int(v)}" for v in counts)
    levels = tuple(Level(v, f"{int(v)}") for v in counts)
    alt = f"Negative Hessian eigenvalues against time; on the plateaus {said}."
    return [replace(WAYS, levels=levels, alt=alt)]


def panels(known: Known) -> Sequence[Picture]:
    """Strengths of modes or levels, what the data look like, and the way between the saddles."""
    first = singular_values(known) if tied(known) and not has_levels(known) else None
    shown: list[Picture] = [first] if first else [STRENGTHS, LEVELS]
    shown += TREE if is_tree(known) else ()
    shown += DIGITS if "pixels" in known and "product" in known else ()
    shown += [GRADIENT, difference(known)]
    shown += [] if first else [singular_values(known)]
    shown += [RANK, distances(known), *ways(known)]
    if "mode_strengths" in known and apart(known):
        shown.append(flow_difference("difference_gradient_flow", "Run minus gradient flow"))
    return [*shown, DRIFT]


# Tiles


def tiles(known: Known) -> Sequence[Tile]:
    """The drops, or the first escape, and the plateaus as far as there is room."""
    jumps = jump_tiles(known) if "jump_times" in known and apart(known) else []
    first = jumps or escape_tiles(known)
    if len(jumps) > 1 or len(jumps) == known["spectrum"].size:
        return first
    return first + plateau_tiles(known, SHOWN_TILES - len(first))


def jump_tiles(known: Known) -> list[Tile]:
    """The first drops, with the losses behind them."""
    times, levels = known["jump_times"], plateaus(known)
    made = []
    for k, t in enumerate(times[:SHOWN_TILES]):
        if np.isnan(t):
            continue
        line = ""
        if np.isinf(t):
            line = "no hidden direction is left for it"
        elif k + 1 < levels.size and np.isfinite(levels[k + 1]):
            line = f"loss falls to $L_{k + 1}$ = {short(float(levels[k + 1]))}"
        made.append(
            Tile(f"jump_times[{k}]", f"{ORDINALS[k]} drop", line, symbol=f"t_{k + 1}",
                 hue=(k, times.size))
        )  # fmt: skip
    return made


def escape_tiles(known: Known) -> list[Tile]:
    """The first escape, where it comes."""
    if not np.isfinite(known.get("first_escape_time", np.nan)):
        return []
    words = "a tenth of the first drop is done"
    return [Tile("first_escape_time", "first escape", words, symbol=r"t_\mathrm{esc}", hue=(0, 1))]


def plateau_tiles(known: Known, room: int) -> list[Tile]:
    """The next plateaus, and how many ways lead down from there."""
    levels, made = plateaus(known), []
    counts = known.get("negative_curvatures", ())
    for k in [k for k in range(1, levels.size) if np.isfinite(levels[k])][:room]:
        line = "1 mode learned" if k == 1 else f"{k} modes learned"
        if k < len(counts) and np.isfinite(counts[k]):
            line = f"{int(counts[k])} ways down from there"
        last = levels[k] <= GONE
        place = "the end" if last else f"plateau {len(made) + 1}"
        text = short(0.0 if last else float(levels[k]))
        made.append(
            Tile(lambda _, text=text: text, place, line, symbol=f"L_{k}", unit="loss",
                 measured="" if last else f"plateau_losses[{k}]", claim="plateau_losses")
        )  # fmt: skip
    return made


def theory_words(known: Known) -> str:
    """What the theory is that is drawn first."""
    if "loss_escape" in known:
        return "theory, first escape"
    inside = "loss" in known or "loss_gradient_flow" not in known
    return "theory, step included" if inside else "theory, gradient flow"


def second_words(known: Known) -> str:
    """And what the second is."""
    return "theory, plain linear case" if "loss_escape" in known else "theory, gradient flow"


def jumps_singly(known: Known) -> bool:
    """Whether the modes' jumps are known one by one."""
    return "jump_times" in known and apart(known)


VIEW = View(
    LOSS,
    panels,
    tiles,
    (
        Moment("jump_times", "t_#", when=jumps_singly),
        Moment("first_escape_time", r"t_\mathrm{esc}", when=lambda k: not jumps_singly(k)),
    ),
    legend={"theory": theory_words, "second_theory": second_words},
    derived=DERIVED,
    sweep=jump_times,
    guess=Guess.time("jump_times[0]", "When does the first drop come?"),
)  # fmt: skip
