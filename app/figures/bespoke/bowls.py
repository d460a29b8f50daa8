"""One bowl per width: the loss behind a step against its learning rate, dark for wide nets."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures.axes import axis, log_range
from app.figures.marks import dotted
from app.figures.panels import Event, Panel
from app.figures.sheet import Sheet
from app.figures.traces import run_traces, theory_trace
from app.tex import prose
from sims.view import Bespoke
from sims.width_transfer.one_step.view import TOP


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Predicted bowls dashed, the run's dots on them; dotted where each is predicted to be best."""
    ns, rate = sheet.known["width"], sheet.known["rate"]
    loss, best = sheet.known["loss_ratio"], sheet.known["best_rate"]
    traces: list[dict[str, Any]] = []
    for k, n in enumerate(ns):
        # the widest is darkest, and drawn first: where bowls coincide, all are seen
        how: dict[str, Any] = {"k": len(ns) - 1 - k, "of": max(len(ns), 5), "markers": True}
        name = f"width {int(n)}"
        traces += run_traces("bowl", [k], x="rate", x_index=[k], bands=False, name=name, **how)
    for k, n in enumerate(ns):
        y = np.where(loss[1:, k] <= TOP, loss[1:, k], np.nan)
        traces.append(theory_trace(rate[1:, k], y, f"width {int(n)}"))
    seen = rate[1:][(loss[1:] <= TOP) & (loss[1:] <= 0.98)]
    span = log_range(float(seen.min()), float(max(seen.max(), 2.2 * best.max())))
    made = sheet.plain(
        word, "loss_ratio", traces, np.zeros(0),
        x=axis(prose(r"learning rate $\eta$"), span, log=True),
        spans={"linear": (0.0, TOP)},
        hovermode="closest",
        alt="The loss after one step over the loss before, against the learning rate, one bowl for "
        "each width; predicted bowls are dashed, and dotted lines mark the predicted best rates.",
    )  # fmt: skip
    marks = [Event(f"{int(n)}", float(at)) for n, at in zip(ns, best, strict=True)]
    apart = np.abs(np.log(best[-1] / best[0])) > 0.5
    return dotted(made, marks if apart else marks[-1:], span, log=True)
