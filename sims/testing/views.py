"""The check of a declared picture: it names nothing that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from sims.core.experiment import Preset
from sims.core.price import everyday
from sims.testing.checked import Checked
from sims.view.known import Known
from sims.view.names import Word, called, names, swept_words, words


def viewed(checked: Checked) -> Iterator[str]:
    """Every variable that is named is observed, derived for the screen, or predicted somewhere.

    A panel whose variable is predicted for other settings only is left out of the page. One whose
    variable is nowhere would be left out as silently.
    """
    experiment, view = checked.experiment, checked.experiment.view
    if view is None:
        return
    named: dict[str, str] = {}
    for word in _words(checked):
        for name in names(word):
            named.setdefault(name, called(word))
    there = {*experiment.observables, *view.derived}
    # a map over two knobs is derived as the map of its number, or of the number's logarithm
    there |= {name.removeprefix("log_").removesuffix("_map") for name in view.derived}
    there |= {f"tolerance_{claim.name}" for claim in experiment.claims}
    for prediction in _predictions(checked):
        if set(named) <= there:
            return
        there |= {str(name) for name in prediction.variables} | set(prediction.attrs)
    for name in sorted(set(named) - there):
        yield (
            f"{named[name]} of the view names {name!r}, which is neither observed, nor derived, "
            "nor predicted in any preset: correct the name, or declare an observable."
        )


def _words(checked: Checked) -> Iterator[Word]:
    """The words of every preset, and of the defaults."""
    view = checked.experiment.view
    assert view is not None
    for preset in checked.presets:
        known = _known(checked, preset)
        if knobs := checked.over(preset):
            yield from swept_words(view, knobs, known)
        else:
            yield from words(view, known)
    if checked.default_prediction is not None:
        yield from words(view, Known(checked.default_prediction))


def _known(checked: Checked, preset: Preset) -> Known:
    """What is known before the run of a preset, tolerances among it."""
    claims: Any = checked.tree(preset)["claims"].to_dataset()
    tolerances: dict[str, float] = {}
    if claims["tolerance"].dims == ("claim",):
        found = zip(claims["claim"].values, np.asarray(claims["tolerance"], float), strict=True)
        tolerances = {str(name): float(tolerance) for name, tolerance in found}
    return Known(checked.prediction(preset), tolerances)


def _predictions(checked: Checked) -> Iterator[xr.Dataset]:
    """Predictions of the presets that are run, of the defaults, and of all other presets."""
    for preset in checked.presets:
        yield checked.prediction(preset)
    if checked.default_prediction is not None:
        yield checked.default_prediction
    for preset in everyday(checked.experiment):
        if preset not in checked.presets:
            yield checked.prediction(preset)
