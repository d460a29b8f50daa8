"""A finished run as a browser is told of it: its view, its frames, its verdicts and its numbers."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app import share
from app.live.messages.judgement import judgement_message
from app.live.messages.view import computed_on
from app.live.server.forecast import Forecast
from app.live.server.recipe import Recipe, experiment_named
from sims.core.archive import to_bytes
from sims.core.knobs import plain
from sims.core.setup import given

if TYPE_CHECKING:
    from app.live.server.streamed import StreamedRun
    from app.tour import Stop
    from sims.core.experiment import Experiment

TOKEN = "recorded"
"""The name of the job in every recording: a page has one alone."""
SLICE = 0.5
"""Seconds of work between two words of progress."""
WHOLE = 1 << 62
"""Room for a frame of all rows."""

Progress = Callable[[float], None]
"""Told what share of the training is done, after every slice of work; may raise to end it."""


@dataclass(frozen=True)
class About:
    """What a page says of its run in words; plain data.

    `values` are the knobs as they were given, `query` has them as resolved. `preset` is the id of
    the preset that they are, or ''. `provenance` names seed, precision, device and JAX.
    """

    experiment: str
    preset: str
    values: Mapping[str, Any]
    seed: int
    seeds: int
    query: str
    provenance: str
    hash: str
    predicted_at: str
    version: str


@dataclass(frozen=True)
class Recording:
    """What a server would have said of one run, and the numbers of its file as CSV."""

    about: About
    view: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    judgement: dict[str, Any]
    frames: tuple[bytes, ...]
    numbers: bytes

    def packed(self) -> bytes:
        """All of it compressed: a head in JSON, then the frames and the numbers, as bytes.

        The length of the head (u32, little-endian) stands before it; the head says how many bytes
        each of the others has.
        """
        head = {
            "view": self.view,
            "before": self.before,
            "after": self.after,
            "judgement": self.judgement,
            "frames": [len(frame) for frame in self.frames],
            "numbers": len(self.numbers),
        }
        text = json.dumps(head, separators=(",", ":"), allow_nan=False).encode()
        parts = (struct.pack("<I", len(text)), text, *self.frames, self.numbers)
        return gzip.compress(b"".join(parts), 9, mtime=0)


def recorded(
    recipe: Recipe,
    progress: Progress = lambda _share: None,
    foretold: Callable[[str], None] = lambda _view: None,
) -> Recording:
    """The run of a recipe, predicted, trained and judged as the server does it.

    `foretold` gets the view as soon as the prediction is whole, before its programs are built.

    Raises:
        ValueError: these settings cannot be, or their prediction failed; one sentence.
    """
    forecast = Forecast(recipe, experiment_named(recipe.experiment), lambda _one: None)
    foreseen(forecast, progress, foretold)
    assert forecast.drawing is not None
    runs = [setting.begin(forecast.drawing) for setting in forecast.settings]
    for i, run in enumerate(runs):
        while not run.done:
            run.advance(SLICE)
            progress((i + run.rows / max(1, run.total_rows)) / len(runs))
        run.judge()
    return of_runs(runs, forecast.drawing.text)


def foreseen(
    forecast: Forecast,
    progress: Progress = lambda _share: None,
    foretold: Callable[[str], None] = lambda _view: None,
) -> Forecast:
    """The forecast once it is whole and the programs of its runs are built.

    Raises:
        ValueError: there is none; one sentence.
    """
    while forecast.has_work:
        forecast.work(SLICE)
        progress(0.0)
    if forecast.failure is not None:
        raise ValueError(forecast.failure.sentence)
    assert forecast.drawing is not None
    foretold(forecast.drawing.text)
    if forecast.may_warm:
        forecast.warm()
    return forecast


def of_runs(runs: Sequence[StreamedRun], view: str, preset: str | None = None) -> Recording:
    """The recording of finished, judged runs that were drawn together as this view says.

    `preset` is the id of the preset that they are, or ''; None: it is found out.
    """
    first = runs[0]
    told = json.loads(view)
    stopped = [run.stopped_at for run in runs if run.stopped_at is not None]
    tree = first.tree()
    return Recording(
        about=_about(first, told, tree.attrs, preset),
        # What it costs is of a run here, which a reader elsewhere does not make.
        view={**told, "cost": {}, **computed_on(first.setting)},
        before=_status("ready"),
        after=_status("stopped" if stopped else "done", min(stopped, default=None)),
        judgement=json.loads(judgement_message(runs)),
        frames=tuple(frame for i, run in enumerate(runs) for frame in _frames(run, i)),
        numbers=to_bytes(tree, "csv"),
    )


def _about(
    run: StreamedRun, view: Mapping[str, Any], attrs: Mapping[Any, Any], preset: str | None
) -> About:
    recipe, setup = run.setting.recipe, run.setting.setup
    first, many = int(setup.seeds[0]), len(setup.seeds)
    return About(
        experiment=recipe.experiment,
        preset=_preset(setup.experiment, recipe) if preset is None else preset,
        values=dict(recipe.values),
        seed=first,
        seeds=many,
        query=share.permalink(setup.params, first, many),
        provenance=computed_on(run.setting)["provenance"],
        hash=view["hash"],
        predicted_at=str(attrs["predicted_at"]),
        version=json.loads(attrs["versions"])["learning-mechanics-explorer"],
    )


def _preset(experiment: Experiment, recipe: Recipe) -> str:
    """The id of the preset that a recipe is, rather one with what is run beside it; or ''."""
    params = given(experiment, recipe.values)
    same = [
        preset
        for preset in experiment.presets
        if preset.over == recipe.over and given(experiment, preset.params) == params
    ]
    exact = [preset for preset in same if preset.compare == recipe.compare]
    return next((preset.id for preset in (*exact, *same)), "")


def _status(state: str, stopped_at: int | None = None) -> dict[str, Any]:
    return {
        "type": "status",
        "state": state,
        "message": "",
        "refused": False,
        "progress": 1.0,
        "stopped_at": stopped_at,
        "cost": {},
        "queue": None,
        "revision": 0,
    }


def _frames(run: StreamedRun, source: int) -> list[bytes]:
    """All rows and snapshots in one frame, and what was only measured after the run in another."""
    header = {"run": TOKEN, "source": source, "state": "running", "error": ""}
    whole = run.columns.frame(header, 0, 0, WHOLE)
    late = run.columns.late_frame(header)
    return [frame for frame in (whole, late) if frame is not None]


def shown_first(experiment: Experiment) -> tuple[Recipe, str]:
    """What the page of an experiment opens with: its recipe, and the id of the preset it is."""
    default = given(experiment, {})
    alone = experiment.over is None
    for preset in experiment.presets:
        if (preset.over is None) == alone and given(experiment, preset.params) == default:
            return replace(of_preset(experiment, preset.id), compare=None), preset.id
    return _recipe(experiment, {}, None, experiment.over), ""


def of_preset(experiment: Experiment, preset: str) -> Recipe:
    """The recipe of a preset, with what it is run beside."""
    found = experiment.preset(preset)
    return _recipe(experiment, found.params, found.compare, found.over)


def of_stop(experiment: Experiment, stop: Stop) -> Recipe:
    """The recipe of a stop of a tour, with what it is run beside only if the stop says so."""
    if not stop.preset:
        made = _recipe(experiment, stop.values(experiment), None, experiment.over)
    else:
        preset = experiment.preset(stop.preset)
        compare = preset.compare if stop.beside else None
        made = _recipe(experiment, preset.params, compare, preset.over)
    return replace(made, seeds=stop.seeds)


def _recipe(
    experiment: Experiment,
    params: Mapping[str, Any],
    compare: Mapping[str, Any] | None,
    over: Mapping[str, str] | None,
) -> Recipe:
    values = plain(given(experiment, params))
    return Recipe(
        experiment.name, values, experiment.default_seed, 1, "auto", compare, over and dict(over)
    )
