"""Variables and coordinates put in: as xarray's `assign` and `assign_coords` have it."""

import numpy as np
import pytest
import xarray as xr

from sims.core.replaced import labelled, replaced

KNOWN = xr.Dataset(
    {"loss": ("record", [3.0, 2.0, 1.0]), "beta": (("record", "mode"), np.ones((3, 2)))},
    {"time": ("record", [0.0, 1.0, 2.0]), "record": [0, 1, 2]},
    {"seed": 0},
)
VARIABLES = {
    "of the same shape": ("loss", xr.Variable("record", [0.0, 0.0, 0.0], {"units": "time"})),
    "of another shape": ("loss", xr.Variable(("record", "mode"), np.zeros((3, 2)))),
    "new": ("gap", xr.Variable("mode", [1.0, 2.0])),
    "a number": ("bound", np.inf),
    "along a new dimension": ("points", xr.Variable("point", [1.0, 2.0])),
    "a coordinate": ("time", xr.Variable("record", [0.0, 2.0, 4.0])),
}


@pytest.mark.parametrize("case", VARIABLES)
def test_it_is_what_assign_gives(case):
    name, values = VARIABLES[case]
    found = replaced(KNOWN, name, values)
    xr.testing.assert_identical(found, KNOWN.assign({name: values}))
    assert found[name].identical(KNOWN.assign({name: values})[name])


def test_the_dataset_itself_stays():
    before = KNOWN.copy(deep=True)
    replaced(KNOWN, "loss", xr.Variable("record", [0.0, 0.0, 0.0]))
    xr.testing.assert_identical(KNOWN, before)


def test_another_length_is_refused_as_assign_refuses_it():
    with pytest.raises(ValueError, match="record"):
        replaced(KNOWN, "loss", xr.Variable("record", [0.0]))


COORDS = {
    "a clock": {"clock": ("record", [0, 2, 4])},
    "one that is there": {"time": ("record", [0.0, 2.0, 4.0])},
    "along a new dimension": {"moment": ("snapshot", [1.0, 2.0])},
    "an index": {"mode": ("mode", [5, 6])},
}


@pytest.mark.parametrize("case", COORDS)
def test_labels_are_what_assign_coords_gives(case):
    before = KNOWN.copy(deep=True)
    found = labelled(KNOWN, COORDS[case])
    xr.testing.assert_identical(found, before.assign_coords(COORDS[case]))
    assert dict(found.sizes) == dict(before.assign_coords(COORDS[case]).sizes)
    assert set(found["loss"].coords) == set(before.assign_coords(COORDS[case])["loss"].coords)
    xr.testing.assert_identical(KNOWN, before)


def test_labels_of_another_length_are_refused_as_assign_coords_refuses_them():
    with pytest.raises(ValueError, match="record"):
        labelled(KNOWN, {"clock": ("record", [0])})
