"""The picture of modular addition: the curve, what leads it, and what the weights become."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sims.core.format import THIN, decimals, short
from sims.grokking.modular_addition.assumptions import LEAST_FRACTION, TIMES_COVERAGE
from sims.view import (
    LATER,
    LOG_STEPS,
    Bespoke,
    Curves,
    Guess,
    Known,
    Law,
    Level,
    Map,
    Picture,
    Tile,
    View,
)  # fmt: skip

ANSWERS = ("role:grid", "role:series0", "role:series1", "role:rule2")
"""Colours of: test and wrong, test and right, trained and wrong, trained and right."""
DEFECT = r"\delta = |\varphi+\psi-\chi|"
OVER_MAXIMUM = r"\gamma/\gamma^*"


def is_cubic(known: Known) -> bool:
    """Whether the decay is the one whose largest margin is known."""
    return known["family"] == "cubic"


def numbers(known: Known) -> np.ndarray:
    """The numbers that are added."""
    return np.arange(int(known["p"]))


def share(known: Known) -> float:
    """The share of every frequency: the predicted one, or an equal one."""
    if "frequency_shares_final" in known:
        return float(known["frequency_shares_final"][0])
    return 1 / len(known["frequency"])


def last_share(known: Known) -> float:
    """The share of the last frequency, which of an even p is p/2."""
    return float(known["frequency_shares_final"][-1])


def is_even(known: Known) -> bool:
    """Whether the frequency p/2 has a share of its own."""
    return int(known["p"]) % 2 == 0


def has_lone_share(known: Known) -> bool:
    """Whether a share of p/2 is predicted."""
    return is_even(known) and "frequency_shares_final" in known


def share_words(known: Known) -> str:
    """What shares there are."""
    if is_even(known):
        return "every frequency takes the same share, but $p/2$, its own mirror image, less"
    return f"every frequency takes 1/{len(known['frequency'])} of the neurons' cubed norms"


def count_words(known: Known) -> str:
    """How many frequencies there are, and of an even p the share of the last."""
    lone = f", that of $p/2$ is {decimals(last_share(known))}" if has_lone_share(known) else ""
    return f"{len(known['frequency'])} frequencies{lone}"


def margin_at_the_end(known: Known) -> str:
    """1, or of an even p what the decay leaves of it."""
    return decimals(float(known["margin_ratio_final"])) if is_even(known) else "1"


def margin_words(known: Known) -> str:
    """The formula of the largest margin."""
    rest = r"(p-2+1/√2)" if is_even(known) else "(p-1)"
    return rf"$√(2/27)\,/\,(√p\,{rest})$"


def norms(known: Known) -> list[float]:
    """Range of the norm: its start, and some times the norm of the rule."""
    start = known["init_scale"] * math.sqrt(1.5 * known["width"])
    top = 1.15 * max(3 * known["goldilocks_norm"], start)
    return [-0.02 * top, top]


def about_margin(known: Known) -> str:
    """Which margin it is."""
    if is_cubic(known):
        return "of the worst of all pairs, over the cubes of the neurons' norms"
    return "the maximum is that of all pairs with the cubic decay: out of reach here"


ACCURACY = Curves(
    ("test_accuracy", "train_accuracy"), theory={"test_accuracy": "test_accuracy_final"},
    id="accuracy", title="Accuracy", symbol="A', A", names=("test", "train"), label="left",
    y="share of pairs that are right", linear=(-0.04, 1.06), bands=(0,),
    note="when the test accuracy jumps is not predicted",
)  # fmt: skip
LOSSES = Curves(
    ("test_loss", "restricted_loss", "train_loss", "excluded_loss"), theory=None, id="losses",
    names=("test", "circuit alone", "train", "without the circuit"), label="lower left",
    title="What leads the jump", symbol="L", y="loss $L$", bands=(1,),
    log=(-7.2, 1.2), linear=(-0.2, 6.0), first="log", levels=("restricted_level",),
    note=f"circuit: the mean over unseen pairs, which takes out what differs from pair to pair and "
    f"so leads; it is there below ½{THIN}ln{THIN}$p$, dotted",
)  # fmt: skip
MARGIN = Curves(
    "margin_ratio", theory="margin_ratio_final", title="Margin over the maximum",
    y=f"margin ${OVER_MAXIMUM}$",
    linear=lambda k: [-1.15 if is_cubic(k) else -2.1, 1.12],
    levels=(Level(1.0, r"$\gamma^*$", when=lambda k: not is_cubic(k)),),
    tolerance="margin_ratio", around="margin_ratio_final", usual=0.03, note=about_margin,
)  # fmt: skip
SHARES = Curves(
    "frequency_shares", theory=share, title="Share of every frequency", bands=False,
    entries=lambda k: range(len(k["frequency"])), y=r"share $\rho_k$",
    linear=lambda k: [-0.03 * share(k), 2.4 * share(k)],
    tolerance="frequency_shares", around=share, unit=share, usual=0.05,
    levels=(Level(last_share, "p/2", when=has_lone_share),), note=share_words,
)  # fmt: skip
WEIGHTS = (
    Map("answers", title="The table, filling in", symbol=r"a + b\,\mathrm{mod}\,p", rows=numbers,
        columns=numbers, colours=ANSWERS, down=True, x="$b$", y="$a$",
        hover="%{y} + %{x}: %{z}", said="run; 1 and 3 are right",
        note="grey: trained and right; blue: never shown, and right; pale: wrong; orange: "
        "trained, yet wrong"),
    Map("spectrum", title="Every neuron's spectrum", down=True, x="frequency $k$",
        y="neuron, sorted", rows=lambda k: np.arange(1, int(k["width"]) + 1),
        columns=lambda k: np.arange(1, int(k["p"]) // 2 + 1),
        hover="neuron %{y}, frequency %{x}: %{z:.2f}",
        note="bright is near 1; predicted: one bright frequency a neuron, a staircase of them"),
    Bespoke("columns", id="columns", title="Columns over their best cosines", symbol="A_{ni}",
            note="the strongest neuron of each of the three strongest frequencies; dashed: "
            "its cosine"),
    Bespoke("clock", id="clock", title="The clock", symbol=r"2\pi kn/p",
            note=lambda k: f"the {int(k['p'])} numbers as the neurons of the strongest "
            "frequency see them, joined in the predicted order"),
    Curves("phase_defect", theory="phase_defect_final", title="How far the phases are off",
           symbol=DEFECT, y=r"phase defect $\delta$, rad", linear=(-0.05, 1.8), log=(-5.0, 0.4),
           levels=(Level(np.pi / 2, "by chance"),), tolerance="phase_defect", usual=0.1,
           note="weighted by each neuron's size"),
    Curves(("ipr", "restricted_share"), title="Order of the weights", label="left",
           names=("one frequency a neuron", "share of the circuit"), bands=(0,),
           symbol=r"\mathrm{IPR}", y="participation, share", linear=(-0.03, 1.06),
           levels=(Level("chance_ipr", "by chance"),),
           note="1: every neuron has a single frequency, and the logits are the circuit's alone"),
    Curves("weight_norm", theory=None, second="goldilocks_norm", title="Norm of the weights",
           y=r"norm $|\theta|$", linear=norms, note="dash-dot: norm at the jump by a rule for "
           "gradient descent on squared errors"),
)  # fmt: skip


def hero(known: Known) -> Picture:
    """The margin where it is known; else the two accuracies."""
    return MARGIN if is_cubic(known) else ACCURACY


def panels(known: Known) -> Sequence[Picture]:
    """The weights, between what comes first and what comes last."""
    if is_cubic(known):
        return (SHARES, *WEIGHTS, LOSSES, ACCURACY)
    return (LOSSES, *WEIGHTS, MARGIN)


def tiles(known: Known) -> Sequence[Tile]:
    """What is predicted of the end, and the bounds and rules for the way."""
    return MARGIN_TILES if is_cubic(known) else TILES


def decay(known: Known) -> str:
    """How long the weights last."""
    if "decay_time" not in known:
        return "when is not predicted"
    return rf"weights decay in $1/(\eta w)$ = {short(round(known['decay_time'], 1))} steps"


TILES = (
    Tile(lambda _: "0", "phase defect at the end", f"random phases: {decimals(np.pi / 2, 2)}",
         symbol=r"\delta", unit="rad", measured="phase_defect_final", claim="phase_defect",
         when="phase_defect_final"),
    Tile(lambda _: "first", "step of the circuit",
         lambda k: r"before the jump: $L_\mathrm{circuit}$ of unseen pairs below "
         f"{decimals(k['restricted_level'], 2)}", symbol=r"n_\mathrm{circuit}",
         measured="restricted_step", between="restricted_between", claim="restricted_leads",
         when="phase_defect_final"),
    Tile(lambda _: "1", "test accuracy at the end", decay, symbol="A'",
         measured="test_accuracy_final", claim="test_accuracy", when="test_accuracy_final"),
    Tile("coverage_fraction", "fraction of pairs",
         lambda k: "to show every number with probability 0.95; here "
         f"{short(k['fraction'])}", symbol=r"f_\mathrm{cov}"),
    Tile("goldilocks_norm", "norm at the jump", "a rule for gradient descent", places=1),
)  # fmt: skip
MARGIN_TILES = (
    Tile("max_margin", "largest margin", margin_words, symbol=r"\gamma^*",
         digits=4, claim="margin_ratio"),
    Tile(margin_at_the_end, "margin at the end", symbol=OVER_MAXIMUM,
         measured="margin_ratio_final", claim="margin_ratio", when="margin_ratio_final"),
    Tile("frequency_shares_final[0]", "share of every frequency",
         count_words, claim="frequency_shares"),
    Tile(lambda _: "0", "phase defect at the end", "every phase of the sum agrees",
         symbol=r"\delta", unit="rad", measured="phase_defect_final", claim="phase_defect"),
)  # fmt: skip


def covered(known: Known) -> float:
    """The fraction of pairs that shows every number with probability 0.95."""
    return float(np.ravel(known["coverage_fraction"])[0])


def enough(known: Known) -> float:
    """The fraction that suffices in practice."""
    return max(LEAST_FRACTION, TIMES_COVERAGE * covered(known))


def fractions(over: str) -> Sequence[Picture]:
    """When train pairs, circuit and test pairs are learnt; what the data allow; order and norm."""
    marks = ((covered, r"f_\mathrm{cov}"), (enough, rf"{TIMES_COVERAGE}\,f_\mathrm{{cov}}"))
    at = marks if over == "fraction" else ()
    return (
        Law(id="passages", title="When it is learnt", symbol="n", y="step $n$", log=(0.3, 4.4),
            runs=("test_step", "restricted_step", "train_step"), marks=at,
            names=("test", "circuit", "train"),
            note="accuracy 0.9 on train and test pairs, half of the circuit's loss; "
            "no dot: never"),
        Law("coverage", id="test_accuracy", title="What the data allow", symbol="A'",
            name="coverage", runs=("test_accuracy_final",), y="test accuracy $A'$", marks=at,
            linear=(-0.04, 1.06), note="dashed: probability that the train pairs show every a, b "
            "and sum; dots: test accuracy at the end"),
        Law(lambda _: 0.0, id="phase_defect", title="How far the phases are off",
            symbol=r"\delta", name="at the end", runs=("phase_defect_final",), marks=at,
            y=r"phase defect $\delta$, rad", linear=(-0.02, 0.5), empty=LATER,
            levels=(Level("tolerance_phase_defect", "tolerance"),)),
        *(() if over == "p" else (
            Law(id="goldilocks_norm", title="Norm at the jump", symbol=r"|\theta|", marks=at,
                runs=("goldilocks_norm",), second="goldilocks_norm", second_name="rule of thumb",
                y=r"norm $|\theta|$", linear=lambda k: [0.0, 4 * np.max(k["goldilocks_norm"])],
                note="the rule is for gradient descent with L2 decay on squared errors"),
        )),
    )  # fmt: skip


VIEW = View(
    hero,
    panels,
    tiles,
    clock=LOG_STEPS,
    legend={
        "theory": "theory, at the end",
        "second_theory": "rule of thumb",
        "predicted": "predicted level or bound on the data",
    },
    sweep=fractions,
    guess=Guess.level(
        "phase_defect_final", "Where does the phase defect end?", panel="phase_defect"
    ),
)
