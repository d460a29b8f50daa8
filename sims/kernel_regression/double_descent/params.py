"""Knobs of double descent, what is refused, and the presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sims.core import own_data
from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, only_with, parameters
from sims.core.sentences import said
from sims.kernel_regression.double_descent.data import points_of
from sims.kernel_regression.questions import GROUPS, about_digits_line

EXAMPLES = (20, 50, 100, 200)
TIMES = 4
"""Neurons of the widest network, for each example."""


def _target_line(params: Params) -> str:
    """Beneath the target: what is to be told apart."""
    target = int(params.target)
    if own_data.is_own(params.data):
        return ""
    if params.data == "digits":
        return about_digits_line(target)
    if params.data == "hypercube":
        return f"product of {target} of 10 bits" if target > 1 else "one of 10 bits"
    return f"{2 * target} arcs of alternating sign"


def _examples_line(params: Params) -> str:
    """Beneath the number of examples: where the peak is."""
    n = int(params.examples)
    return f"peak at {n} neurons; the run goes to {TIMES * n}"


def _noise_line(params: Params) -> str:
    """Beneath the noise: its share of what is trained on."""
    noise = float(params.noise) ** 2
    return f"{said(100 * noise / (1 + noise))} % of the labels' variance" if noise else ""


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    data: str = knob(
        "digits", label="Data", group="Data",
        choices=("digits", "hypercube", "circle"), static=True, own=True,
        help="1 797 handwritten digits, all 1 024 corners of a cube, 1 024 angles, or data of "
        "one's own.",
    )
    target: Scalar = knob(
        1, label="Target", group="Data",
        kind="int", lo=1, hi=10,
        help="Which question is asked of the data; of the digits there are 4.",
        beneath=_target_line,
        unused=lambda given: "One's own data bring theirs."
        if own_data.is_own(given["data"]) else "",
    )
    examples: int = knob(
        100, label="Examples", symbol="n", group="Data",
        choices=EXAMPLES, lo=EXAMPLES[0], hi=EXAMPLES[-1], static=True,
        help="Labelled points that are trained on; all others test.",
        beneath=_examples_line,
    )
    noise: Scalar = knob(
        0.0, label="Label noise", symbol=r"\sigma", group="Data",
        lo=0, hi=1,
        help="Added to the labels that are trained on, whose size is 1; tests are without.",
        beneath=_noise_line,
    )
    activation: str = knob(
        "tanh", label="Neurons", symbol=r"\varphi", group="Network",
        choices=("tanh", "relu", "bump"), static=True,
        help="Hidden neurons with random weights; a bump sees the neighbours of one point.",
    )
    ridge: Scalar = knob(
        1e-6, label="Ridge", symbol=r"\delta", group="Training",
        lo=1e-8, hi=1, hard_lo=1e-9, hard_hi=10, scale="log",
        help="Price of large readout weights; 1e-6 is as good as none.",
        unused=only_with("Every width has its own best ridge.", tune=False),
    )
    tune: bool = knob(
        False, label="Best ridge at every width", group="Training", static=True,
        help="Chosen by the theory, hence before the run.",
    )
    trials: int = knob(
        128, label="Training sets", symbol="T", group="Training",
        choices=(32, 64, 128), lo=32, hi=128, static=True,
        help="Drawn from the same data and trained side by side; their typical error is shown.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: a question the digits do not have, or more examples than half of the data.
    """
    del tasks
    target, n = int(params.target), int(params.examples)
    if params.data == "digits" and target not in GROUPS:
        raise ValueError(
            f"target = {target} is not allowed with data=digits: give a whole number from 1 to "
            f"{len(GROUPS)}."
        )
    there = points_of(params.data)
    few = [other for other in EXAMPLES if 2 * other <= there]
    if 2 * n > there:
        raise ValueError(
            f"examples = {number(n)} is not allowed with {there} points of data: at most half of "
            "them may be trained on; give "
            + (" or ".join(map(str, few)) if few else f"data of at least {2 * EXAMPLES[0]} points")
            + "."
        )
    return params


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed: there are four questions about digits."""
    if values["data"] != "digits":
        return {}
    return {"target": 1 + (int(values["target"]) - 1) % len(GROUPS)}


_BRANCHES = ("left_branch", "right_branch")
_ALL = (*_BRANCHES, "peak_height", "test_error_final")

PRESETS = (
    Preset(
        "peak",
        "Up thirtyfold, and down again",
        "The dots climb the dashed peak at 100 neurons, and come down to less than before.",
        {},
        lands=_ALL,
    ),
    Preset(
        "tuned_ridge",
        "Tuned: no peak",
        "With the best ridge at every width, more neurons are always better.",
        {"tune": True},
        lands=("peak_height", "test_error_final"),
        not_judged=_BRANCHES,
    ),
    Preset(
        "label_noise",
        "Noise on the labels",
        "Twice the peak, in the same place.",
        {"noise": 0.5},
        lands=(*_BRANCHES, "peak_height"),
        not_judged=("test_error_final",),
    ),
    Preset(
        "parity",
        "No digits, the same peak",
        "A product of two bits, of ten: the peak is at n again.",
        {"data": "hypercube", "target": 2},
        lands=_ALL,
    ),
    Preset(
        "bumps",
        "Neurons that see one place",
        "Far above the line, and still the peak is at n.",
        {"activation": "bump"},
        departs=_ALL,
    ),
    Preset(
        "one_dimension",
        "One dimension",
        "On a circle neighbours decide: far above the line.",
        {"data": "circle", "target": 8, "activation": "relu", "examples": 50, "ridge": 1e-8},
        departs=("right_branch", "peak_height", "test_error_final"),
    ),
)
