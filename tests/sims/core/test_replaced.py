"""A variable in place of another: as xarray's `assign` has it."""

import numpy as np
import pytest
import xarray as xr

from sims.core.replaced import replaced

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
