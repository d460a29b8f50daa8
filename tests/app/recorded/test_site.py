"""The folder of a static site: what is in it, and what is not made again."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from app.recorded import site
from app.recorded.recording import Recording
from sims import api
from tests.app.recorded.conftest import CHEAP


@pytest.fixture
def folder(tmp_path: Path, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site of one experiment, whose run is the one that is recorded already."""

    def recorded(_recipe: object, _progress: object) -> Recording:
        return recording

    monkeypatch.setattr(site, "recorded", recorded)
    site.write_shared(tmp_path)
    return tmp_path


def record(folder: Path, device: str = "cpu") -> bool:
    (place,) = site.places([CHEAP])
    return site.record(place, folder, device, lambda _share: None)[1]


def test_a_run_that_is_there_is_not_made_again_and_one_made_otherwise_is(folder: Path) -> None:
    assert [record(folder), record(folder), record(folder, "gpu")] == [False, True, False]
    run = folder / "runs/saddle_to_saddle-matrix_completion.js"
    run.write_text("// lmx {broken")
    assert [record(folder), record(folder)] == [False, True]


def test_other_code_makes_it_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(folder)
    monkeypatch.setattr(site, "_code", lambda: "another")
    assert not record(folder)


def test_home_and_pages_lead_to_what_is_there_alone(folder: Path) -> None:
    record(folder)
    shown = site.write_pages(folder, "cpu")
    assert [place.page for place in shown] == ["saddle_to_saddle-matrix_completion.html"]
    for name in ("index.html", shown[0].page):
        text = (folder / name).read_text("utf-8")
        for address in re.findall(r'(?:href|src)="([^"]+)"', text):
            assert address.startswith("https://arxiv.org") or (folder / address).is_file(), address


def test_a_first_page_weighs_little_where_a_host_compresses(folder: Path) -> None:
    record(folder)
    (place,) = site.write_pages(folder, "cpu")
    names = (place.page, place.run, "lmx/plotly.js", "lmx/lmx.js")
    assert sum(len(gzip.compress((folder / name).read_bytes())) for name in names) <= 1_500_000


def test_every_experiment_has_a_page_and_with_presets_each_of_those() -> None:
    assert len(site.places()) == len(api.experiments())
    every = site.places(presets=True, gpu=True)
    assert len({place.name for place in every}) == len(every)
    for experiment in api.experiments():
        shown = [place.preset for place in every if place.experiment is experiment]
        assert set(shown) >= {preset.id for preset in experiment.presets}


def test_presets_for_a_gpu_are_recorded_only_where_there_is_one() -> None:
    heavy = {p.id for e in api.experiments() for p in e.presets if p.gpu}
    assert heavy
    assert heavy.isdisjoint(place.preset for place in site.places(presets=True))
