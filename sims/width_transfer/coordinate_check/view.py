"""The picture of the coordinate check: how far each layer moves at every width, and its power."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import short
from sims.view import (
    Arrays,
    Bespoke,
    Clock,
    Curves,
    Given,
    Guess,
    Known,
    Map,
    Picture,
    Profile,
    Tile,
    View,
)  # fmt: skip
from sims.width_transfer.coordinate_check import claims, scales

STEPS = Clock("step $t$", "step")
COLOURS = ("role:series1/0.55", "role:rule2/0.35", "role:series0/0.45", "role:series2/0.5")
LETTERS = ("u", "t", "k", "f")
MEANING = (
    "something grows without end",
    "nothing is learned as n grows",
    "features freeze, the output learns",
    "features of the last layer move at every width",
)


def relative(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Changes over those of the narrowest nets, (seed, row, layer, width)."""
    del prediction
    change = np.moveaxis(np.asarray(run["change"], float), 2, 3)
    with np.errstate(all="ignore"):
        return change / change[..., :1]


def power_so_far(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Slopes of ln change over ln n, (seed, row, layer)."""
    ns = [int(n) for n in prediction["width"].values]
    return claims.slopes(np.asarray(run["change"], float), ns)


def powers(known: Known) -> np.ndarray:
    """Of the hidden layers and, behind them, of the output."""
    return np.append(known["features_last"], known["output_last"])


def places(known: Known) -> np.ndarray:
    """Hidden layers by number, and the output behind them."""
    return np.append(known["hidden"], len(known["hidden"]) + 1)


def layers(known: Known) -> dict[float, str]:
    """What stands at these places."""
    names = [str(int(l)) for l in known["hidden"]]
    return dict(zip(places(known).tolist(), [*names, "f"], strict=True))


def power_span(known: Known) -> tuple[float, float]:
    """Room for all powers and what they may be off by."""
    shown = np.append(powers(known), 0.0)
    return float(shown.min()) - 0.4, float(shown.max()) + 0.4


def edge(side: int) -> Given:
    """One end of what is allowed around the powers of the hidden layers."""
    return Given(
        "hidden", lambda k: k["features_last"] + side * k["allowed_last"], "tolerance", "bar"
    )


def kind(known: Known) -> str:
    """What becomes of such nets."""
    return scales.KINDS[int(known["kind"])]


def meaning(known: Known) -> str:
    """The same in a sentence."""
    return MEANING[int(known["kind"])]


def all_layers(known: Known) -> str:
    """The powers of all hidden layers."""
    return "layer by layer " + ", ".join(short(p + 0.0) for p in known["features_last"])


def first_output(known: Known) -> str:
    """The power of its first step."""
    return f"first step: {short(known['output_first'] + 0.0)}; 0 is also a guess"


def how_far(known: Known) -> str:
    """How much wider they are."""
    factor = known["width"][-1] / known["width"][0]
    return f"they are {short(factor)} times as wide"


def panels(known: Known) -> Sequence[Picture]:
    """The panels beside the hero."""
    return (
        Profile("power_so_far", id="powers", theory=powers, over=places, ticks=layers,
                x="layer $l$, and the output $f$", y=r"power of $n$, $\rho$", linear=power_span,
                lines=False, given=(edge(-1), edge(1)), title="Powers", symbol=r"\rho_l",
                note="slopes over all widths; bars: what is allowed at the end",
                alt="The power of the width by which each layer's features and the output move: "
                "predicted and measured."),
        Map("", id="neighbours", theory="kinds", rows="last_size", columns="hidden_rate",
            colours=COLOURS, names=scales.KINDS, letters=LETTERS, x="rate of hidden layers $c$",
            y="size of the last one $a + b$", given=(Given("hidden_c", "last_S", "", "ring"),),
            title="Where these powers are", hover="c = %{x}, a + b = %{y}: %{text}",
            note="u unstable, t trivial, k kernel, f features are learned; ring: these powers",
            alt="What becomes of wide nets whose hidden layers have another power of the rate, and "
            "whose last layer has another power of the size; a ring marks these powers."),
        Curves("loss", theory=None, bands=False, linear=(0.0, 0.55), y="loss $L$",
               names=tuple(str(int(n)) for n in known["width"]), label="upper", title="Loss",
               entries=range(len(known["width"])), note="one curve for each width"),
    )  # fmt: skip


VIEW = View(
    Bespoke("powers", id="changes", title="How far features move", symbol="|h^l_t - h^l_0|",
            y="change over the narrowest's",
            note="dots: the run at the time of the scrubber; diamonds: the output"),
    panels,
    (
        Tile(kind, "what these powers make of wide nets", meaning, symbol="a, b, c"),
        Tile("features_last[-1]", "power of the last hidden layer", all_layers,
             symbol=r"\rho_L", places=2),
        Tile("output_last", "power of the output", first_output, places=2),
        Tile("widest_features", "last features of the widest nets move, over the narrowest's",
             how_far, digits=3),
    ),
    clock=STEPS,
    legend={"theory": "theory, powers of the width", "second_theory": "lazy, n to the power −1/2"},
    derived={
        "relative": relative,
        "power_so_far": power_so_far,
    },
    guess=Guess.level(
        "widest_features",
        "How far do the last features of the widest nets move, over those of the narrowest?",
        panel="changes",
    ),
)  # fmt: skip
