"""The folder of a static site: what is in it, and what is not made again."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest

from app import tour
from app.live.server.recipe import Recipe
from app.recorded import site, tours
from app.recorded.recording import Recording
from sims import api
from sims.core.knobs import plain
from sims.core.setup import given
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
        shown = [p.preset for p in every if p.experiment is experiment and not p.stop]
        assert set(shown) >= {preset.id for preset in experiment.presets}


def test_presets_for_a_gpu_are_recorded_only_where_there_is_one() -> None:
    heavy = {p.id for e in api.experiments() for p in e.presets if p.gpu}
    assert heavy
    assert heavy.isdisjoint(place.preset for place in site.places(presets=True))


def test_every_stop_of_every_tour_has_a_page_with_the_stops_own_settings() -> None:
    stops = [place for place in site.places(presets=True) if place.stop]
    toured = {p.name: tour.tour(p) for p in api.phenomena() if tour.tour(p)}
    assert toured
    assert [p.stop for p in stops] == [k for t in toured.values() for k in range(1, len(t) + 1)]
    for place, stop in zip(stops, [stop for t in toured.values() for stop in t], strict=True):
        said = plain(given(place.experiment, stop.values(place.experiment)))
        assert (place.experiment.name, place.recipe.values) == (stop.experiment, said)
        assert place.recipe.seeds == stop.seeds
        assert (place.recipe.compare is not None) <= stop.beside


def test_a_stop_leads_to_the_stops_that_are_there_and_home_to_the_first(
    folder: Path, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recorded(recipe: Recipe, _progress: object) -> Recording:
        about = replace(recording.about, experiment=recipe.experiment, values=recipe.values)
        return replace(recording, about=about)

    monkeypatch.setattr(site, "recorded", recorded)
    toured = next(p for p in api.phenomena() if tour.tour(p))
    stops = [p for p in site.places(presets=True) if p.name.startswith(f"tour.{toured.name}.")]
    own = site.places([stops[0].experiment.name])
    for place in (*own, *stops[:2]):
        site.record(place, folder, "cpu", lambda _share: None)
    site.write_pages(folder, "cpu")
    first, second = ((folder / place.page).read_text("utf-8") for place in stops[:2])
    assert f'href="{tours.address(toured, 2)}">Next' in first
    assert ">Back<" not in first
    assert f'href="{tours.address(toured, 1)}">Back' in second
    assert ">Next<" not in second
    assert "What just happened." in first
    assert api.experiment(stops[0].experiment.name).preset(stops[0].preset).look_for not in first
    home = (folder / "index.html").read_text("utf-8")
    assert f'href="{tours.address(toured, 1)}">Take the tour' in home
