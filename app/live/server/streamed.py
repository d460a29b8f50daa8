"""A run of one setting as readers get it: trained in slices, its columns filled, judged at the end.

It belongs to one job. The worker that holds the job calls `advance` and `judge`; every thread may
read `columns.published` and `rows`, which are published whole. `start` is what the run began from,
and what the file is made of.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from app.live.server.columns import Columns, Source
from app.live.server.handover import hand_over
from app.live.server.rates import Rate, rates
from sims.core.simulation import Run
from sims.core.study import Judged, Prepared

if TYPE_CHECKING:
    from app.live.server.forecast import Drawing
    from app.live.server.setting import Setting


class StreamedRun:
    """One run, what the figures read of it, and its verdicts."""

    def __init__(self, setting: Setting, start: Prepared, drawn: Drawing) -> None:
        """Put the run on its device; its programs should be built already."""
        self.setting, self.start, self.drawn = setting, start, drawn
        hand_over("a run begins")
        self.device = setting.device
        self.run = start.run(self.device)
        self.run.compile()
        schedule = start.setup.schedule
        self.columns = Columns(
            drawn.tags, schedule.record_steps, schedule.record_times, schedule.snapshot_records
        )
        self.judged: Judged | None = None
        self._theory_of: xr.Dataset | None = None
        self._theory: dict[str, np.ndarray] = {}

    @property
    def prediction(self) -> xr.Dataset:
        """What the run is drawn against: that of its start, or what is known by now."""
        found = self.start.prediction if self.start.is_whole else self.setting.prediction
        if found is None:
            raise RuntimeError("nothing is predicted yet")
        return found

    @property
    def rows(self) -> int:
        """Records filled."""
        return self.columns.published.rows

    @property
    def total_rows(self) -> int:
        """Records of the whole run."""
        return len(self.start.setup.schedule.record_steps)

    @property
    def steps_done(self) -> int:
        """Training steps computed."""
        return self.run.steps_done

    @property
    def done(self) -> bool:
        """No further record will come."""
        return self.run.done

    @property
    def stopped_at(self) -> int | None:
        """Step at which the loss left the finite range, if it did."""
        return self.run.stopped_at

    def advance(self, seconds: float, *, one_record: bool = False) -> float | None:
        """Train for about that long, or one more record; the device seconds it should have taken.

        None where that is not known: it is then charged the time it took.
        """
        before = self.steps_done
        if one_record:
            self.run.advance_records(1)
        else:
            self.run.advance(seconds)
        self.columns.fill(self.source())
        return self.setting.price(self.steps_done - before)

    def source(self) -> Source:
        """The run so far, as the columns read it; arrays of one prediction are read out once."""
        run, prediction = self.run, self.prediction
        if self._theory_of is not prediction:
            self._theory_of, self._theory = prediction, {}
        return Source(
            run.records, run.snapshots, run.rows, run.snapshot_rows,
            prediction, self.drawn.derived, self._theory,
        )  # fmt: skip

    def judge(self) -> None:
        """Measure and compare; of a run that began early only what it showed."""
        run = self.run
        rate = run.device_seconds / max(1, run.steps_done)
        rates.learn(self.setting.rate_key, Rate(rate, self.nbytes))
        judged = self.start.judge(run)
        if judged.claims is not None:
            self.columns.fill_late(self._measured(judged.seen))
        hand_over("a run is judged")
        self.judged = judged

    def _measured(self, seen: xr.Dataset) -> Source:
        """The run with what was measured after it, such as a curvature at the snapshots."""
        source = self.source()
        for name, variable in seen.data_vars.items():
            for dim, known in (("record", source.records), ("snapshot", source.snapshots)):
                if variable.dims[:2] == ("seed", dim) and name not in known:
                    values = {**known, str(name): variable.values}
                    source = dataclasses.replace(source, **{f"{dim}s": values})
        return source

    @property
    def seen(self) -> xr.Dataset | None:
        """What the whole run showed, once it is judged."""
        return None if self.judged is None else self.judged.seen

    @property
    def claims(self) -> xr.Dataset | None:
        """The verdicts, if there are any."""
        return None if self.judged is None else self.judged.claims

    def tree(self) -> xr.DataTree:
        """The file's tree as far as it goes."""
        return self.start.tree(self.judged, self.device, self.setting.prediction)

    @property
    def nbytes(self) -> int:
        """Memory of its records and columns."""
        return held_by(self.run) + self.columns.nbytes


def held_by(run: Run) -> int:
    """Memory of what a run has recorded."""
    arrays: list[np.ndarray] = [*run.records.values(), *run.snapshots.values()]
    return sum(a.nbytes for a in arrays)
