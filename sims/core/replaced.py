"""One variable of a dataset in place of another."""

from __future__ import annotations

import numpy as np
import xarray as xr


def replaced(dataset: xr.Dataset, name: str, values: xr.Variable | float) -> xr.Dataset:
    """The dataset with that variable, as `assign` gives it, which aligns all the others as well.

    A variable along dimensions of the dataset has nothing to be aligned with; a prediction of forty
    variables is then changed a hundred times faster, which a page does for each of its claims. The
    rest is left to `assign`, as are indexes and whatever has another length.
    """
    variable = values if isinstance(values, xr.Variable) else xr.Variable((), np.asarray(values))
    fits = all(dataset.sizes.get(dim) == n for dim, n in variable.sizes.items())
    if name in dataset.coords or not fits:
        return dataset.assign({name: variable})
    return dataset._replace({**dataset._variables, name: variable})
