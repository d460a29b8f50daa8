"""The claims of a run as a table for a paper: LaTeX, Markdown or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import xarray as xr

from app import claim_rows
from app.claim_rows import Row
from app.figures.paper.words import mathtext
from app.judged import verdicts_of
from app.live.messages import markup
from app.publication.latex import REGULAR, escaped
from sims import api
from sims.core.experiment import Experiment

Kind = Literal["latex", "markdown", "csv"]
KINDS: tuple[Kind, ...] = get_args(Kind)
HEAD = ("claim", "predicted", "measured", "error", "tolerance", "verdict")
NUMBERS = ("predicted", "measured", "error", "tolerance", "baseline_error", "skill")
"""Numbers of a claim, as they are in the file."""


def table(tree: xr.DataTree, kind: Kind, experiment: Experiment | None = None) -> str:
    """The judged claims of a run or of a sweep.

    LaTeX and Markdown have numbers in the digits that their tolerance deserves, as pages write
    them; CSV has them whole, one row a claim and seed, or a claim and point of a sweep.

    Raises:
        ValueError: nothing was judged yet, or there is no such experiment here; one sentence.
    """
    if "claims" not in tree.children:
        raise ValueError("Nothing is judged in this file: give one of a finished run.")
    judged = tree["claims"].to_dataset()
    if kind == "csv":
        return _csv(judged)
    setup = api.replayed(tree, experiment).setup
    has_points = "sweep" in tree.children
    rows = claim_rows.of_sweep(setup, judged) if has_points else claim_rows.after(setup, judged)
    return _latex(rows) if kind == "latex" else _markdown(rows)


def _cells(row: Row) -> list[str]:
    """A row's words, their symbols as TeX between dollars."""
    cells = [row.title, row.predicted, row.measured, row.error, row.tolerance, row.verdict]
    return [mathtext(markup.prose(cell)).replace(REGULAR, r"\mathrm") for cell in cells]


def _latex(rows: Sequence[Row]) -> str:
    lines = [
        "% needs \\usepackage{booktabs}",
        r"\begin{tabular}{lrrrrl}",
        r"\toprule",
        f"{' & '.join(HEAD)} \\\\",
        r"\midrule",
    ]
    lines += [f"{' & '.join(map(escaped, _cells(row)))} \\\\" for row in rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _markdown(rows: Sequence[Row]) -> str:
    lines = [" | ".join(HEAD), " | ".join(["---", "---:", "---:", "---:", "---:", "---"])]
    for row in rows:
        *cells, verdict = (cell.replace("|", "\\|") for cell in _cells(row))
        because = f": {row.reason}" if row.reason else ""
        lines.append(" | ".join([*cells, verdict + because]))
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def _csv(judged: xr.Dataset) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    names = [name for name in NUMBERS if name in judged]
    axes = [str(d) for d in judged["error"].dims if d != "claim"]
    writer.writerow(["claim", *axes, *names, "verdict"])
    shape = judged["error"].transpose("claim", *axes)
    verdicts = judged["verdict"]
    words = np.array(verdicts_of(verdicts), object).reshape(verdicts.shape)
    said = verdicts.copy(data=words).broadcast_like(shape).transpose("claim", *axes)
    numbers = [judged[n].broadcast_like(shape).transpose("claim", *axes).values for n in names]
    places = [shape[axis].values for axis in axes]
    for at in np.ndindex(shape.shape):
        where = [values[i] for values, i in zip(places, at[1:], strict=True)]
        row = [repr(float(values[at])) for values in numbers]
        writer.writerow([str(shape["claim"].values[at[0]]), *where, *row, said.values[at]])
    return made.getvalue()
