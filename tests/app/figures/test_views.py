import pytest
import xarray as xr

from app.figures import views
from sims import api

EVERY = pytest.mark.parametrize("experiment", api.experiments(), ids=lambda e: e.name)


@EVERY
def test_every_experiment_declares_its_view(experiment):
    assert experiment.view is not None


@EVERY
def test_every_sweep_among_the_presets_has_a_view(experiment):
    for over in (p.over for p in experiment.presets if p.over is not None):
        assert experiment.view.sweep if len(over) == 1 else experiment.view.grid


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
