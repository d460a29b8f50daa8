"""Settings drawn before and after their run, and what every drawing keeps to."""

import base64
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any

import numpy as np
import xarray as xr

from app.figures import style, views
from app.figures.panels import Panel, View
from app.live.server import columns, tags
from sims import api
from sims.core.setup import Setup
from sims.core.simulation import Run
from sims.core.study import Prepared, Study
from sims.core.sweep import Sweep

ORDER = ("ground", "band", "run", "second_run", "second_theory", "theory", "words")
MOST_POINTS = 2001

Settings = Mapping[str, tuple[str, dict[str, Any]]]
"""By case: the experiment and the knobs that are not at their defaults."""


class Drawing:
    """One setting of an experiment; each stage is made once, when it is first asked for."""

    def __init__(self, name: str, values: dict[str, Any], seeds: int = 1) -> None:
        self.name, self.values, self.seeds = name, values, seeds

    @cached_property
    def study(self) -> Study:
        return Study(api.experiment(self.name), self.values, seeds=self.seeds)

    @property
    def setup(self) -> Setup:
        return self.study.setup

    @cached_property
    def start(self) -> Prepared:
        return self.study.freeze()

    @property
    def foreseen(self) -> xr.Dataset:
        return self.study.predict()

    @cached_property
    def view(self) -> View:
        return views.view(self.name, self.foreseen, self.start.before()[1])

    @cached_property
    def ran(self) -> Run:
        run = self.fresh_run()
        run.finish()
        return run

    @cached_property
    def source(self) -> columns.Source:
        return self.source_of(self.ran)

    def fresh_run(self) -> Run:
        """A run before its first step."""
        return self.start.run()

    def source_of(self, run: Run) -> columns.Source:
        """What the figures are filled from when the run stands where it does."""
        held = run.records, run.snapshots, run.rows, run.snapshot_rows
        return columns.Source(*held, self.foreseen, self.view.derived)

    def panel(self, id: str) -> Panel:
        return next(p for p in self.view.panels if p.id == id)

    def ids(self) -> list[str]:
        return [p.id for p in self.view.panels]

    def derived(self, name: str, run: Mapping[str, np.ndarray]) -> np.ndarray:
        """What the figures derive from a run and the prediction."""
        return self.view.derived[name](run, self.foreseen)

    def filled(self, one: Panel, source: columns.Source | None = None) -> Any:
        """The figure of a panel with the finished run drawn in, or with another source."""
        held = self.setup.schedule
        rows = held.record_steps, held.record_times, held.snapshot_records
        return columns.filled(one.plain, source or self.source, *rows)

    def drawn(self, id: str) -> list[Any]:
        """The traces of a panel once the run has finished."""
        return list(self.filled(self.panel(id)).data)


def drawings(settings: Settings) -> Callable[..., Drawing]:
    """(case, seeds=1) -> its Drawing, the same one every time."""

    @cache
    def made(case: str, seeds: int) -> Drawing:
        return Drawing(*settings[case], seeds)

    return lambda case, seeds=1: made(case, seeds)


def numbers(values: Any) -> np.ndarray:
    """A trace's array, packed or plain."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return np.asarray(values, float)


def traces(figure: Any, *groups: str) -> list[Any]:
    """The traces of these groups, or all of them."""
    return [t for t in figure.data if not groups or t.legendgroup in groups]


def swept(name: str, values: dict[str, Any], over: Mapping[str, str]) -> Sweep:
    """A sweep with every point predicted."""
    sweep = Sweep(api.experiment(name), values, over)
    sweep.predict()
    return sweep


def sweep_view(sweep: Sweep) -> View:
    """The view of a predicted sweep, each panel checked."""
    made = views.sweep_view(sweep.experiment.name, sweep.prediction(), tuple(sweep.axes))
    for one in made.panels:
        check_panel(one)
    return made


def check_panel(one: Panel) -> None:
    """Every colour is a role both themes know, and the picture is told in words."""
    for mode in style.MODES:
        text = style.resolved(one.figure, mode).to_json()
        assert text is not None, one.id
        assert "role:" not in text, one.id
    check_words(one)


def check_words(one: Panel, seen: xr.Dataset | None = None) -> None:
    """The picture is told in plain sentences, before the run or after it."""
    assert one.alt is not None, one.id
    said = one.alt(seen)
    assert said.endswith("."), (one.id, said)
    assert "<" not in said, (one.id, said)


def check_prediction(made: View, *, panels: int = 3, tiles: int = 1) -> None:
    """Panels with names of their own, few tiles, and no more points than a screen can show."""
    assert len({p.id for p in made.panels}) == len(made.panels) >= panels
    for one in made.panels:
        check_panel(one)
        drawn = [numbers(t.x) for t in traces(one.figure) if t.x is not None]
        assert all(len(x) <= MOST_POINTS for x in drawn), one.id
    assert tiles <= len(made.tiles) <= 5
    assert all(np.isfinite(e.time) for e in made.events)


def check_layers(made: View) -> None:
    """Nothing of the run is drawn before it, and theory lies on top of where it will be."""
    for one in made.panels:
        drawn = traces(one.figure)
        places = [ORDER.index(t.legendgroup) for t in drawn]
        assert places == sorted(places), one.id
        for trace in (t for t in traces(one.figure, "run", "band") if t.type == "scatter"):
            assert len(trace.y) == 0, one.id
        for binding in tags.bindings(one.plain):
            if binding.x and drawn[binding.trace].legendgroup != "theory":
                assert len(drawn[binding.trace].x) == 0, (one.id, binding)


def check_tags(drawing: Drawing, run: Run) -> None:
    """Every tag names something the run has, or what is measured once it is over."""
    source, observables = drawing.source_of(run), drawing.setup.experiment.observables
    later = {n for n, o in observables.items() if o.at == "measured"} - set(source.derived)
    for one in drawing.view.panels:
        for binding in (b for b in tags.bindings(one.plain) if b.y.y not in later):
            stop = run.rows if binding.y.at == "records" else run.snapshot_rows
            for tag in binding.tags:
                assert len(columns.evaluated(tag, source, 0, stop)) == stop, (one.id, tag)


def check_run(drawing: Drawing) -> None:
    """What holds for every view after its run: each tag is filled, each picture told."""
    check_tags(drawing, drawing.ran)
    seen = drawing.start.judge(drawing.ran).seen
    for one in drawing.view.panels:
        check_words(one, seen)


def check_bands(drawing: Drawing) -> None:
    """Several seeds fill every panel, and the legend has their bands."""
    for one in drawing.view.panels:
        assert drawing.filled(one).data, one.id
    assert "band" in {e.kind for e in drawing.view.legend}


def growing_views(drawing: Drawing) -> list[View]:
    """The view of every part of the prediction, each panel checked."""
    study, made = Study.of(drawing.setup), []
    while not study.is_whole:
        known = study.prediction
        study.grow()
        if study.prediction is not None and study.prediction is not known:
            made.append(views.view(drawing.name, study.prediction))
    for one in (panel for view in made for panel in view.panels):
        check_panel(one)
    return made
