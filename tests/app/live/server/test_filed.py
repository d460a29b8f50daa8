"""A run in a file on the page of its settings: to the end, with nothing trained, until Reset."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
import xarray as xr

from app import share
from app.live.server import filed, handover, hub
from app.live.server.frames import unpack
from app.live.server.hub import Hub
from app.live.server.job import Cursor
from app.live.server.recipe import Recipe
from sims import api
from sims.core import archive, study
from sims.core.knobs import plain

NAME = "lazy_rich/one_neuron"
KNOBS: dict[str, Any] = {"angle": 60.0, "horizon": 3.0}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "run.nc"
    api.run(NAME, device="cpu", out=path, seeds=2, **KNOBS)
    return path


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> filed.FiledRuns:
    made = filed.FiledRuns()
    monkeypatch.setattr(filed, "runs", made)
    monkeypatch.setattr(hub, "runs", made)
    return made


@pytest.fixture
def busy() -> Iterator[Hub]:
    made = Hub()
    yield made
    made.close()


def recipe_of(link: str, name: str = NAME) -> Recipe:
    """What a page with this link asks for."""
    query = dict(parse_qsl(link.partition("?")[2]))
    experiment = api.experiment(name)
    values, counts = share.read_whole(experiment, query)
    knobs = {**plain(experiment.Params()), **values}
    return Recipe(name, knobs, counts["seed"], counts["seeds"], "cpu")


def asked(one: Hub, recipe: Recipe, owner: str = "me") -> str:
    token = one.ask(owner, recipe).token
    assert one.await_view(token, 20)
    return token


def test_the_page_has_the_run_of_the_file_to_its_end_and_nothing_is_trained(
    saved: Path, busy: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study.Prepared, "run", lambda *_: pytest.fail("a run was made"))
    token = asked(busy, recipe_of(filed.show(saved)))
    job, tree = busy.job(token), archive.read(saved)
    assert job.stage == "done"
    assert job.rows == tree["run"].sizes["record"]
    assert job.forecast.settings[0].hash == tree.attrs["prediction_sha256"]
    told = json.loads(job.state.judgement)
    verdicts = {row["name"]: row["verdict"] for row in told["claims"]}
    claims = tree["claims"].to_dataset()
    assert verdicts == dict(zip(claims["claim"].values, claims["verdict"].values, strict=True))
    assert "run.nc of 20" in next(w["text"] for w in json.loads(job.drawing.text)["warnings"])  # type: ignore[union-attr]


def test_every_browser_gets_rows_and_verdicts_of_the_file(saved: Path, busy: Hub) -> None:
    recipe = recipe_of(filed.show(saved))
    first, second = (asked(busy, recipe, owner) for owner in ("me", "you"))
    assert first != second
    frames = []
    for token in (first, second):
        cursor = Cursor()
        texts, frame = busy.read(token, cursor)
        assert frame is not None
        assert '"type":"view"' in texts[0]
        frames.append(unpack(frame).columns)
    np.testing.assert_array_equal(frames[0], frames[1])


def test_reset_trains_the_same_settings_here_and_the_page_stays_with_that(
    saved: Path, busy: Hub
) -> None:
    recipe = recipe_of(filed.show(saved))
    old = asked(busy, recipe)
    token = busy.control(old, "reset")
    assert busy.job(token).recipe.filed == ""
    assert asked(busy, recipe) == token
    job = busy.job(token)
    assert job.forecast.settings[0].hash == archive.read(saved).attrs["prediction_sha256"]
    busy.control(token, "run")
    end = time.monotonic() + 30
    while job.stage != "done" and time.monotonic() < end:
        time.sleep(0.01)
    again = job.state.runs[0].tree()["run"]["loss"].values
    np.testing.assert_array_equal(again, archive.read(saved)["run"]["loss"].values)
    assert busy.job(asked(busy, recipe, "another")).recipe.filed == "run.nc"


def test_other_settings_are_not_those_of_the_file(saved: Path, busy: Hub) -> None:
    recipe = recipe_of(filed.show(saved))
    other = dataclasses.replace(recipe, values={**recipe.values, "angle": 61.0})
    assert busy.job(asked(busy, other)).recipe.filed == ""
    assert busy.job(asked(busy, recipe)).recipe.filed == "run.nc"


@pytest.mark.parametrize(
    "where", ["a forecast is drawn", "a job joins", "runs are made", "a slice is done", "Begun"]
)
def test_a_page_that_is_held_up_gets_the_end_all_the_same(
    saved: Path, busy: Hub, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(handover, "delay", lambda name: time.sleep(0.2 * (name == where)))
    token = asked(busy, recipe_of(filed.show(saved)))
    assert busy.job(token).stage == "done"
    assert busy.job(token).state.judgement


def test_a_job_that_was_dropped_is_made_again_with_the_run_of_the_file(
    saved: Path, busy: Hub
) -> None:
    token = asked(busy, recipe_of(filed.show(saved)))
    busy.release("me")
    busy.attach(token, lambda: None)
    assert busy.await_view(token, 20)
    assert busy.job(token).stage == "done"


def changed(saved: Path, to: Path, **attrs: Any) -> Path:
    tree = archive.read(saved)
    tree.attrs |= attrs
    archive.write(tree, to)
    return to


def test_a_run_of_other_knobs_or_half_a_file_is_one_sentence(saved: Path, tmp_path: Path) -> None:
    knobs = json.loads(archive.read(saved).attrs["params"])
    renamed = json.dumps({**knobs, "vanished": 1})
    cut = tmp_path / "cut.nc"
    cut.write_bytes(saved.read_bytes()[:2000])
    bare = archive.read(saved)
    bare["task"] = xr.DataTree(bare["task"].to_dataset().drop_vars("record_steps"))
    archive.write(bare, tmp_path / "bare.nc")
    for path, said in (
        (changed(saved, tmp_path / "renamed.nc", params=renamed), "no knob 'vanished'"),
        (changed(saved, tmp_path / "older.nc", format=1), "not written by this version of lmx"),
        (changed(saved, tmp_path / "other.nc", experiment="a/b"), "a/b, which is not installed"),
        (cut, "cannot be read as NetCDF"),
        (tmp_path / "bare.nc", "a part of it is missing"),
        (tmp_path / "absent.nc", "There is no file"),
    ):
        with pytest.raises(ValueError, match=said) as error:
            filed.show(path)
        assert "\n" not in str(error.value)
        assert str(path) in str(error.value)


def test_a_run_that_diverged_ends_where_it_stopped(tmp_path: Path, busy: Hub) -> None:
    name, path = "edge_of_stability/scalar_models", tmp_path / "gone.nc"
    tree = api.run(name, preset="diverges", device="cpu", out=path)
    job = busy.job(asked(busy, recipe_of(filed.show(path), name)))
    assert job.stage == "stopped"
    assert job.stopped_at == int(tree["run"].attrs["stopped_0"])
    assert job.rows == tree["run"].sizes["record"]
    assert "left the finite range" in job.state.message
