"""Figures of the solvable models: catapult, flatter minima, two-cycles and chaos."""

from __future__ import annotations

import xarray as xr

from app.figures.edge_of_stability.scalar_catapult import catapult
from app.figures.edge_of_stability.scalar_orbits import orbits
from app.figures.edge_of_stability.scalar_plane import plane
from app.figures.panels import View
from app.figures.reading import Tolerances


def scalar_models(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """What the model has: catapult, minima in the plane, or orbits."""
    if "orbit" in prediction:
        return orbits(prediction, tolerances or {})
    if "curvature_final_curve" in prediction:
        return catapult(prediction, tolerances or {})
    return plane(prediction, tolerances or {})
