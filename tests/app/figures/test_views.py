from importlib import import_module
from importlib.util import find_spec

import pytest
import xarray as xr

from app.figures import views
from sims import api
from sims.core.experiment import Experiment

EVERY = pytest.mark.parametrize("experiment", api.experiments(), ids=lambda e: e.name)


def table(phenomenon: str, name: str) -> dict[str, object]:
    """What of a phenomenon is drawn by hand; nothing where all of it is declared."""
    if find_spec(f"app.figures.{phenomenon}") is None:
        return {}
    return getattr(import_module(f"app.figures.{phenomenon}"), name, {})


def listed(experiment: Experiment, name: str) -> bool:
    phenomenon, short = experiment.name.split("/")
    return short in table(phenomenon, name)


@EVERY
def test_every_experiment_has_a_view(experiment):
    assert (experiment.view is not None) != listed(experiment, "VIEWS")


@EVERY
def test_every_sweep_among_the_presets_has_a_view(experiment):
    for over in (p.over for p in experiment.presets if p.over is not None):
        one, two = "SWEEP_VIEWS", "GRID_VIEWS"
        drawn = listed(experiment, one if len(over) == 1 else two)
        declared = experiment.view
        assert drawn or (declared and (declared.sweep if len(over) == 1 else declared.grid))


@pytest.mark.parametrize("phenomenon", api.phenomena(), ids=lambda p: p.name)
def test_every_view_belongs_to_an_experiment(phenomenon):
    known = {e.name.split("/")[1] for e in phenomenon.experiments}
    for name in ("VIEWS", "SWEEP_VIEWS", "GRID_VIEWS"):
        assert set(table(phenomenon.name, name)) <= known


@pytest.mark.parametrize(
    ("name", "knobs"),
    [
        ("lazy_rich/one_neuron", ["a0"]),
        ("saddle_to_saddle/linear_network", ["alpha", "eta"]),
    ],
)
def test_what_has_no_sweep_view_says_so(name, knobs):
    with pytest.raises(ValueError, match=name.split("/")[1]):
        views.sweep_view(name, xr.Dataset(), knobs)


def test_an_unknown_experiment_says_so():
    with pytest.raises(ValueError, match="twelve_layers"):
        views.view("saddle_to_saddle/twelve_layers", xr.Dataset())
