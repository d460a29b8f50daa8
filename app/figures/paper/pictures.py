"""The panels of a run, of a sweep or of a prediction, with all that is known filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from app.figures import views
from app.figures.panels import LegendEntry, Panel, Plain, View
from app.live.server.columns import Source, filled_plain
from app.live.server.swept import MAP
from app.live.server.tags import without_bands
from sims.core.archive import params_of
from sims.core.study import Prepared

Filling = tuple[Source, np.ndarray, np.ndarray, Sequence[int] | np.ndarray]
"""What curves are filled from, the steps and times of the records, and which have a snapshot."""


@dataclass(frozen=True)
class Pictures:
    """A view, and what its panels are filled from; None where nothing has been run."""

    view: View
    filling: Filling | None
    has_bands: bool

    def filled(self, panel: Panel) -> Plain:
        """A panel's figure as it stands after the run."""
        plain = panel.plain if self.has_bands else without_bands(panel.plain)
        return plain if self.filling is None else filled_plain(plain, *self.filling)

    def legend(self, plain: Plain) -> list[LegendEntry]:
        """What the lines of a filled figure mean."""
        kinds = _kinds(plain)
        return [entry for entry in self.view.legend if entry.kind in kinds]


def pictures(start: Prepared, tree: xr.DataTree) -> Pictures:
    """Those of a file or tree; `start` is what it says that it began from."""
    has_bands = len(start.setup.seeds) > 1
    if axes := swept_knobs(tree):
        foreseen = tree["prediction"].to_dataset()
        view = views.sweep_view(start.setup.experiment, foreseen, axes)
        filling = _swept(view, tree, axes) if "sweep" in tree.children else None
        return Pictures(view, filling, has_bands)
    assert start.prediction is not None
    view = views.view(start.setup.experiment, start.prediction, start.before()[1])
    return Pictures(view, _ran(view, start, tree) if "run" in tree.children else None, has_bands)


def swept_knobs(tree: xr.DataTree) -> list[str]:
    """The knobs that a sweep goes over, also where only its prediction is known; none of a run."""
    if "sweep" in tree.children:
        return str(tree["sweep"].attrs["axes"]).split(",")
    knobs, foreseen = params_of(tree), tree["prediction"].to_dataset()
    longest = max((v.dims for v in foreseen.data_vars.values()), key=len, default=())
    return [str(dim) for dim in longest if dim in knobs]


def _ran(view: View, start: Prepared, tree: xr.DataTree) -> Filling:
    """What the curves of a run are filled from, and when its records and snapshots were."""
    assert start.prediction is not None
    run, schedule = tree["run"].to_dataset(), start.setup.schedule
    records, snapshots = (_along(run, dim) for dim in ("record", "snapshot"))
    rows, shots = run.sizes.get("record", 0), run.sizes.get("snapshot", 0)
    source = Source(records, snapshots, rows, shots, start.prediction, view.derived)
    return source, schedule.record_steps, schedule.record_times, schedule.snapshot_records


def _along(run: xr.Dataset, dim: str) -> dict[str, np.ndarray]:
    found = run.data_vars.items()
    return {str(n): v.values for n, v in found if v.dims[:2] == ("seed", dim)}


def _swept(view: View, tree: xr.DataTree, axes: Sequence[str]) -> Filling:
    """What curves or maps over the knobs of a sweep are filled from; its points are rows."""
    swept = tree["sweep"].to_dataset()
    arrays: dict[str, np.ndarray] = {}
    for name, variable in swept.data_vars.items():
        if {"seed", *axes} <= set(variable.dims):
            arrays[str(name)] = variable.transpose("seed", *axes, ...).values
    points, seeds = int(np.prod([swept.sizes[a] for a in axes])), swept.sizes["seed"]
    foreseen = tree["prediction"].to_dataset()
    if len(axes) > 1:
        maps = {f"{n}{MAP}": v[:, None] for n, v in arrays.items() if v.ndim == 1 + len(axes)}
        source = Source({"point": np.ones((seeds, 1))}, maps, 1, 1, foreseen, view.derived)
        return source, np.ones(1), np.ones(1), [0]
    at = np.asarray(swept[axes[0]].values, float)
    arrays[axes[0]] = np.tile(at, (seeds, 1))
    source = Source(arrays, {}, points, 0, foreseen, view.derived)
    return source, np.arange(1, points + 1), at, []


def _kinds(plain: Plain) -> set[str]:
    """The kinds of lines that a figure has, with something in them."""
    seen = {
        str(trace.get("legendgroup"))
        for trace in plain["data"]
        if any(np.size(trace.get(a, ())) for a in ("y", "z"))
    }
    return seen | ({"predicted"} if plain["layout"].get("shapes") else set())
