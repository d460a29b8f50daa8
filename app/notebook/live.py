"""A page of the explorer inside a notebook, served by the kernel's own machine or by another."""

from __future__ import annotations

import atexit
import contextlib
import html
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import addresses, share
from app.explorer import started
from sims.core.experiment import Experiment
from sims.core.knobs import plain
from sims.core.registry import find
from sims.core.study import Study

PARENTS = "http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:*"
"""Whose pages may show it: notebooks that this machine serves to itself."""
HEIGHT = 860
LEAST, MOST = 200, 4000
"""Pixels that a widget is high."""


@dataclass(frozen=True)
class Live:
    """A page of an explorer: Jupyter and marimo show it in place."""

    address: str
    height: int = HEIGHT

    def _repr_html_(self) -> str:
        """A frame with the page, and where it leads once nobody serves it any more."""
        source = html.escape(self.address)
        return (
            f'<iframe src="{source}" title="Learning Mechanics Explorer" '
            f'style="width:100%;height:{self.height}px;border:0"></iframe>'
            f'<p style="margin:0;font-size:12px"><a href="{source}">{source}</a>: '
            "live as long as the kernel that serves it.</p>"
        )


class _Served:
    """The explorer of this process: started once, by any thread, and ended with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = contextlib.ExitStack()
        self._urls: dict[str, str] = {}

    def url(self, device: str) -> str:
        """Its address; waits until it answers.

        Raises:
            RuntimeError: it did not start.
        """
        with self._lock:
            if device not in self._urls:
                found = self._until.enter_context(started(device, ["--frame-parents", PARENTS]))
                self._urls[device] = found.url
                atexit.register(self._until.close)
            return self._urls[device]


_served = _Served()


def live(
    what: str | Path | Experiment,
    *,
    preset: str | None = None,
    seed: int | None = None,
    seeds: int = 1,
    device: str = "auto",
    server: str = "",
    height: int = HEIGHT,
    **knobs: Any,
) -> Live:
    """The page of an experiment with these settings, to be run and changed in the notebook.

    Without a `server`, the address of an explorer that already runs, one is started on this
    machine; it needs no network, and the browser has to be on this machine too.

    Raises:
        ValueError: a bad knob, preset, experiment or height, or an experiment in a file, or
            data of one's own; one sentence.
        RuntimeError: no explorer could be started; one sentence.
    """
    if not LEAST <= height <= MOST:
        raise ValueError(f"height = {height} is not allowed: give {LEAST} to {MOST} pixels.")
    experiment = find(what)
    setup = Study(experiment, knobs, preset=preset, seed=seed, seeds=seeds).setup
    if share.named(experiment) != experiment.name:
        raise ValueError(
            f"{experiment.name} is in a file, which no page opens by itself: start lmx open "
            f"{share.named(experiment)}, and look at it in the browser."
        )
    if setup.own is not None:
        raise ValueError(
            "The page is another process, which has no data of yours: give it their file under "
            "Your own data, or look at a saved run of them with lmx open."
        )
    default = plain(experiment.Params())
    chosen = {n: v for n, v in plain(setup.given).items() if v != default[n]}
    counts: Mapping[str, int] = {"seed": int(setup.seeds[0]), "seeds": seeds}
    at = server.rstrip("/") or _served.url(device).rstrip("/")
    link = share.query({**chosen, **counts})
    return Live(f"{at}/{addresses.of(experiment.name)}{link}", height)
