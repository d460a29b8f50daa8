"""The picture of the phase diagram: all of it, a cut through it, one of its points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sims.core.format import significant
from sims.lazy_rich.pictures import power_tile, regime_words
from sims.view import (
    STEPS,
    Contour,
    Curves,
    Difference,
    Given,
    Guess,
    Known,
    Law,
    Map,
    Picture,
    Tile,
    View,
)  # fmt: skip

WIDTHS = np.array([8.0, 1024.0])


def room(known: Known) -> float:
    """The largest change of the features that is sure to be drawn."""
    return max(known["feature_change_final"], known["threshold"])


def smooth_law(known: Known) -> np.ndarray:
    """The output scale α*/R* where a smooth network stops being lazy, at WIDTHS."""
    return known["smooth_alpha"] / known["threshold"] * np.sqrt(known["width"] / WIDTHS)


def scales(known: Known) -> list[float]:
    """Decades of the output scale that are drawn."""
    seen = np.array([known["alpha"], known["boundary_alpha"], known["smooth_alpha"]])
    ends = np.log10(seen[np.isfinite(seen) & (seen > 0)])
    return [min(float(ends.min()), -2.0) - 0.1, max(float(ends.max()), 1.5) + 0.1]


def tests(known: Known) -> list[float]:
    """Decades of the test loss."""
    end = known["test_loss_final"]
    return [np.log10(0.2 * min(end, 0.5)) - 0.06, np.log10(2 * max(end, 0.5)) + 0.06]


def cut(over: str) -> Sequence[Picture | Tile]:
    """The change of the features against one of the diagram's axes."""
    along = over == "alpha"
    smooth = (lambda k: k["smooth_alpha"] / k["alpha"]) if along else None
    title = "Change of the features"
    return (
        Law("feature_change_final", log=True, title=title, y="change of the features $R$",
            second=smooth, second_name="α*/α", marks=((lambda k: first(k["boundary_alpha"]),
                                                      r"\mathrm{boundary}"),) if along else ()),
        Difference("feature_change_final", claim="feature_change", usual=0.05, wide=1.6),
        Law("test_loss_final", log=True),
        *(() if along else (
            Law("boundary_alpha", log=True, title="Boundary of lazy", symbol=r"\alpha", runs=(),
                y=r"boundary of lazy $\alpha$", second="smooth_alpha", second_name="α*"),
        )),
        power_tile(over),
    )  # fmt: skip


def first(values: np.ndarray) -> float:
    """The first finite one of numbers that every point of a sweep knows alike."""
    kept = np.ravel(values)[np.isfinite(np.ravel(values))]
    return float(kept[0]) if kept.size else float("nan")


def diagram(over: tuple[str, ...]) -> Sequence[Picture | Tile | Contour]:
    """Change of the features over width and output scale, predicted and measured.

    Raises:
        ValueError: the sweep goes over other knobs.
    """
    if over != ("width", "alpha"):
        raise ValueError("This diagram has figures for a sweep over width, then alpha.")
    return (
        Map(id="predicted_change", theory="feature_change_final", symbol="R", decades=True,
            title="Change of the features, predicted",
            note="dashed: where the change falls through the threshold; "
            "dash-dot: the smooth law"),
        Map("feature_change_final", id="feature_change", symbol="R", decades=True,
            title="Change of the features, measured", contour="threshold",
            note="click a cell to open its run"),
        Difference("feature_change_final", id="feature_change_ratio", title="Run over theory",
                   symbol=r"R_\mathrm{run}/R_\mathrm{pred}", wide=0.2,
                   note="white is 1: the lazy theory holds right of the dashed line and breaks "
                   "left of it"),
        Map("test_loss_final", id="test_loss", symbol="L'", decades=True),
        Contour(lambda k: k["boundary_alpha"][:, 0], "where lazy ends"),
        Contour(lambda k: k["smooth_alpha"][:, 0] / k["threshold"], "α*/R*", second=True),
        *(
            Tile(f"boundary_alpha[{i}][0]", lambda k, i=i: f"boundary at width {k['width'][i]:.0f}",
                 symbol=r"\alpha", digits=3, measured="")
            for i in (0, -1)
        ),
    )  # fmt: skip


VIEW = View(
    Curves("feature_change", theory="feature_change_final", title="How far the features move",
           y="relative change $R$", linear=lambda k: [-0.039 * room(k), 1.3 * room(k)],
           log=lambda k: [np.log10(0.1 * k["feature_change_final"]), np.log10(3 * room(k))],
           levels=("threshold",), note="dotted: the threshold $R^*$ of the boundary"),
    (
        Law(id="place", title="Where this point lies", symbol=r"\alpha, N", over="width",
            second=smooth_law, second_over=lambda _: WIDTHS, second_name="α*/R*", at="width",
            ring="boundary_alpha", given=(Given("width", "alpha", mark="cross"),), log=scales,
            x="width $N$", x_log=True, x_span=(0.9, 3.05), y=r"output scale $\alpha$",
            note="cross: this point; circle: the boundary at its width; lazy is above"),
        Curves("test_loss", theory="test_loss_final", y="test loss $L'$", log=tests),
        Curves("train_loss", y="train loss $L$", log=(-6.0, 0.3)),
    ),
    (
        Tile("feature_change_final", "change of the features", regime_words,
             symbol=r"R_\mathrm{pred}", digits=3),
        Tile("boundary_alpha", "boundary at this width",
             lambda k: f"smooth law: {significant(k['smooth_alpha'] / k['threshold'], 3)}",
             symbol=r"\alpha", digits=3),
        Tile("test_loss_final", "test loss at the end", digits=3),
    ),
    clock=STEPS,
    legend={"theory": "lazy theory", "second_theory": "smooth law, α*"},
    sweep=cut,
    grid=diagram,
    guess=Guess.level("feature_change_final", "How far will the features have moved?"),
)  # fmt: skip
