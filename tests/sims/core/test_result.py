"""The tree of a run is a DataTree in everything but how a notebook shows it."""

import pickle

import xarray as xr

import sims
from sims.core import archive
from sims.core.result import Result

ONE_NEURON = "lazy_rich/one_neuron"


def test_what_is_computed_and_what_is_read_back_are_one_kind_of_tree(tmp_path):
    tree = sims.predict(ONE_NEURON, out=tmp_path / "a.nc")
    again = archive.read(tmp_path / "a.nc")
    assert type(tree) is type(again) is Result
    assert isinstance(tree, xr.DataTree)
    assert again.identical(tree)
    assert pickle.loads(pickle.dumps(tree)).identical(tree)


def test_a_part_is_shown_as_xarray_shows_it():
    tree = sims.predict(ONE_NEURON)
    part = tree["prediction"]
    assert isinstance(part, xr.DataTree)
    assert "xarray" in part._repr_html_()


def test_a_tree_of_an_experiment_that_is_not_here_is_shown_as_xarray_shows_it():
    tree = sims.predict(ONE_NEURON)
    tree.attrs["experiment"] = "somebody/elses"
    assert "xarray" in tree._repr_html_()
