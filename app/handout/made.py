"""Hand-outs as files."""

from __future__ import annotations

import threading

import xarray as xr

from app.handout.content import content
from app.handout.page import pdf
from sims.core.experiment import Experiment

_one = threading.Lock()
"""Matplotlib's settings are those of the process, and one page at a time leaves room for runs."""


def made(
    tree: xr.DataTree,
    *,
    blank: bool = False,
    server: str = "",
    experiment: Experiment | None = None,
) -> bytes:
    """The hand-out of a run, of a sweep or of a prediction, as one page of A4.

    `blank` tells nothing of theory and run. Links begin with the address of the `server`; without
    one, the command stands in their place. `experiment` is that of the tree if its id is not known.

    Raises:
        ValueError: the tree's experiment is not known here; one sentence.
    """
    with _one:
        return pdf(content(tree, experiment, server), blank=blank)
