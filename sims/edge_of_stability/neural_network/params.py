"""Knobs of a small net at the edge of stability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sims.core import own_data
from sims.core.knobs import Scalar, filled, knob, only_with, parameters
from sims.core.sentences import said
from sims.edge_of_stability import objective, scales

if TYPE_CHECKING:
    Count = int
    Flag = bool
    """Knobs that only the host reads; inside jit they are arrays like every dynamic knob."""
else:
    Count = Flag = Any

OPTIMIZERS = ("gd", "polyak", "nesterov", "rmsprop", "adam", "sgd")
ADAPTIVE = ("rmsprop", "adam")
CENTRAL = ("gd", "rmsprop")
"""Rules whose central flow is known."""
DATA = ("chebyshev", "chebyshev_sign", "digits_mse", "digits_ce")

FEWEST_SAMPLES = 4


def _edge_line(params: Params) -> str:
    """Where the edge lies."""
    rule = params.optimizer
    beta = filled(params.beta) if rule in scales.WITH_MOMENTUM else 0.0
    at = scales.edge(rule, filled(params.eta), beta)
    return f"edge ${scales.EDGES[rule]} =$ {said(at, 4)}"


def _network_line(params: Params) -> str:
    """What the network is made of."""
    if params.architecture == "mlp":
        return ""
    width, depth = filled(params.width), filled(params.depth)
    channels = " and ".join(str(width * 2**i) for i in range(depth))
    blocks = "one block" if depth == 1 else f"{depth} blocks"
    made = {
        "cnn": f"3 × 3 convolutions with {channels} channels",
        "transformer": f"8 tokens (the rows), {blocks}",
    }
    return f"{made[params.architecture]}, {objective.parameters(params)} weights"


def _widths_line(params: Params) -> str:
    """The layers of an mlp whose widths were chosen one by one."""
    if params.architecture != "mlp" or len(set(filled(params.widths))) < 2:
        return ""
    layers = "-".join(str(size) for size in objective.sizes(params))
    made = f"{layers}, {objective.parameters(params)} weights"
    return f"{made}; width and depth are read from the list"


def _reads_digits(values: Mapping[str, Any]) -> bool:
    """Whether the data are digits, chosen or by the kind of network."""
    chosen = values["data"]
    return values["architecture"] != "mlp" if chosen is None else chosen.startswith("digits")


def _no_degree(values: Mapping[str, Any]) -> str:
    if own_data.is_own(values["data"]):
        return "Data of one's own are no polynomial."
    return "The digits are no polynomial." if _reads_digits(values) else ""


def _no_classes(values: Mapping[str, Any]) -> str:
    return "" if _reads_digits(values) else "Only the digits have classes to choose."


def _widths_given(values: Mapping[str, Any]) -> str:
    given = values["widths"] is not None and values["architecture"] == "mlp"
    return "The list of widths says it." if given else ""


def _no_widths(values: Mapping[str, Any]) -> str:
    """Only where there are none: a list that is refused must be within reach."""
    plays = values["architecture"] == "mlp" or values["widths"] is not None
    return "" if plays else "Only an mlp has a width for each layer."


def _no_critical(values: Mapping[str, Any]) -> str:
    if values["optimizer"] in CENTRAL and values["central_flow"] is False:
        return "No central flow is asked for."
    return CENTRAL_ALONE(values)


def _no_quiet_start(values: Mapping[str, Any]) -> str:
    quiet = values["optimizer"] == "gd" and values["central_flow"] is not False
    return "" if quiet else "Only gradient descent with a central flow is started quietly."


CENTRAL_ALONE = only_with("The central flow is known for gd and rmsprop.", optimizer=CENTRAL)


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    optimizer: str = knob(
        "gd", label="Optimiser", group="Training",
        choices=OPTIMIZERS, static=True,
        help="Each update rule has its own edge; SGD draws a fresh batch each step.",
    )
    eta: Scalar | None = knob(
        None, label="Learning rate", symbol=r"\eta", unit="time/step", group="Training",
        kind="float", lo=1e-5, hi=2, hard_lo=1e-7, hard_hi=100, scale="log", auto=True,
        help="Step size; it sets the edge, 2/η for gradient descent.",
        beneath=_edge_line,
    )
    beta: Scalar | None = knob(
        None, label="Momentum", symbol=r"\beta", group="Training",
        kind="float", lo=0, hi=0.95, hard_hi=0.999, auto=True,
        help="Memory of past steps: polyak, nesterov and adam; ignored by the others.",
        unused=only_with("This rule has no momentum.", optimizer=scales.WITH_MOMENTUM),
    )
    beta2: Scalar = knob(
        0.99, label="Memory of squares", symbol=r"\beta_2", group="Training",
        lo=0.9, hi=0.9999, hard_lo=0.5, hard_hi=0.999999,
        help="Memory of the squared gradients: rmsprop and adam; ignored by the others.",
        unused=only_with(
            "Only rmsprop and adam remember squared gradients.", optimizer=("rmsprop", "adam")
        ),
    )
    batch_size: int = knob(
        10, label="Batch", symbol="B", unit="samples", group="Training",
        lo=1, hi=64, hard_hi=1797, static=True,
        help="Samples in each step of SGD; the others see all samples.",
        unused=only_with(
            "Every step sees all samples; only sgd draws batches.", optimizer="sgd"
        ),
    )
    data: str | None = knob(
        None, label="Data", group="Data",
        kind="choice", choices=DATA, static=True, auto=True, own=True,
        help="A Chebyshev polynomial, its sign as labels, real digits with either loss, or data "
        "of one's own with the squared one.",
    )
    degree: Count = knob(
        4, label="Degree", symbol="d", group="Data",
        lo=2, hi=8, hard_lo=1, hard_hi=20,
        help="Degree of the Chebyshev polynomial that is to be learned.",
        unused=_no_degree,
    )
    samples: int | None = knob(
        None, label="Samples", symbol="n", group="Data",
        kind="int", lo=8, hi=400, hard_lo=FEWEST_SAMPLES, hard_hi=1797, static=True, auto=True,
        help="Training samples: points in [-1, 1], or digits or one's own drawn at random.",
    )
    classes: int = knob(
        4, label="Classes", symbol="C", group="Data",
        lo=2, hi=10, static=True,
        help="How many of the ten digits are told apart.",
        unused=_no_classes,
    )
    architecture: str = knob(
        "mlp", label="Kind of network", group="Network",
        choices=("mlp", "cnn", "transformer"), static=True,
        help="Kind of network; cnn and transformer look at digits.",
        beneath=_network_line,
    )
    width: int | None = knob(
        None, label="Width", symbol="N", group="Network",
        kind="int", lo=8, hi=128, hard_lo=1, hard_hi=256, static=True, auto=True,
        help="Units in each hidden layer; channels of a cnn's first; tokens of a transformer.",
        unused=_widths_given,
    )
    depth: int | None = knob(
        None, label="Depth", symbol="D", unit="hidden layers", group="Network",
        kind="int", lo=1, hi=3, static=True, auto=True,
        help="Number of hidden layers, convolutions or blocks.",
        unused=_widths_given,
    )
    widths: tuple[Count, ...] | None = knob(
        None, label="Widths", symbol="N_l", group="Network",
        kind="list", lo=8, hi=128, hard_lo=1, hard_hi=256, lengths=(1, 3), static=True, auto=True,
        help="Units in each hidden layer of an mlp, one by one; then width and depth follow.",
        beneath=_widths_line,
        unused=_no_widths,
    )
    activation: str | None = knob(
        None, label="Activation", group="Network",
        kind="choice", choices=("tanh", "gelu", "relu", "linear"), static=True, auto=True,
        help="Nonlinearity of the hidden units.",
    )
    norm: bool = knob(
        False, label="Layer norm", group="Network", static=True,
        help="Layer norm before activations (mlp, cnn) or blocks (transformer).",
    )
    heads: int = knob(
        2, label="Attention heads", group="Network",
        lo=1, hi=4, static=True,
        help="Attention heads of the transformer; they divide the width.",
        unused=only_with("Only a transformer attends.", architecture="transformer"),
    )
    gain: Scalar = knob(
        1.0, label="Initial gain", symbol="g", group="Network",
        lo=0.1, hi=5, hard_lo=1e-3, hard_hi=100, scale="log",
        help="Multiplies every weight at the start, not the biases nor a layer norm's scales.",
    )
    steps: Count | None = knob(
        None, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=500, hi=20_000, hard_lo=1, hard_hi=100_000, auto=True,
        help="Number of training steps.",
    )
    tracked: int = knob(
        2, label="Tracked eigenvalues", symbol="k", group="Measurement",
        lo=1, hi=4, static=True,
        help="How many of the largest Hessian eigenvalues are recorded.",
    )
    every: Count = knob(
        5, label="Record every", symbol="m", unit="steps", group="Measurement",
        lo=1, hi=20, hard_hi=1000,
        help="Steps between two records.",
    )
    central_flow: Flag | None = knob(
        None, label="Central flow", group="Theory",
        kind="bool", auto=True,
        help="Predict the time-averaged path beyond the edge.",
        unused=CENTRAL_ALONE,
    )
    critical: Count | None = knob(
        None, label="Directions allowed to oscillate", symbol="K", group="Theory",
        kind="int", lo=1, hi=3, auto=True,
        help="How many eigenvalues may sit at the edge in the central flow.",
        unused=_no_critical,
    )
    quiet_start: Flag = knob(
        True, label="Quiet start", group="Theory",
        help="Give the run the predicted oscillation when it reaches the edge: an intervention.",
        unused=_no_quiet_start,
    )
    dtype: str = knob(
        "float32", label="Arithmetic", group="Measurement",
        choices=("float32", "float64"), static=True,
        help="Precision of the run; theory is always float64.",
    )
    # fmt: on
