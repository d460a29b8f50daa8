from importlib import import_module

import pytest
import xarray as xr

from app.figures import views
from sims import api
from sims.core.experiment import Experiment

EVERY = pytest.mark.parametrize("experiment", api.experiments(), ids=lambda e: e.name)


def listed(experiment: Experiment, table: str) -> bool:
    phenomenon, short = experiment.name.split("/")
    return short in getattr(import_module(f"app.figures.{phenomenon}"), table, {})


@EVERY
def test_every_experiment_has_a_view(experiment):
    assert listed(experiment, "VIEWS")


@EVERY
def test_every_sweep_among_the_presets_has_a_view(experiment):
    for over in (p.over for p in experiment.presets if p.over is not None):
        assert listed(experiment, "SWEEP_VIEWS" if len(over) == 1 else "GRID_VIEWS")


@pytest.mark.parametrize("phenomenon", api.phenomena(), ids=lambda p: p.name)
def test_every_view_belongs_to_an_experiment(phenomenon):
    figures = import_module(f"app.figures.{phenomenon.name}")
    known = {e.name.split("/")[1] for e in phenomenon.experiments}
    for table in ("VIEWS", "SWEEP_VIEWS", "GRID_VIEWS"):
        assert set(getattr(figures, table, {})) <= known


@pytest.mark.parametrize(
    ("name", "knobs"),
    [
        ("lazy_rich/one_neuron", ["a0"]),
        ("lazy_rich/parity", ["alpha"]),
        ("saddle_to_saddle/linear_network", ["alpha", "eta"]),
    ],
)
def test_what_has_no_sweep_view_says_so(name, knobs):
    with pytest.raises(KeyError, match=name.split("/")[1]):
        views.sweep_view(name, xr.Dataset(), knobs)


def test_an_unknown_experiment_says_so():
    with pytest.raises(KeyError, match="twelve_layers"):
        views.view("saddle_to_saddle/twelve_layers", xr.Dataset())
