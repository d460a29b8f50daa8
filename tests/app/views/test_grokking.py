"""What the sidebar says beneath the knobs of the pages on grokking."""

from importlib import import_module

import pytest

from app.views.grokking import ASIDES
from sims.core.study import Study
from sims.grokking import PHENOMENON


def beneath(name, **knobs):
    experiment = import_module(f"sims.grokking.{name}").EXPERIMENT
    said = ASIDES[f"grokking/{name}"].beneath
    assert said is not None
    return said(Study(experiment, knobs).setup.params)


def test_every_experiment_has_its_lines():
    assert set(ASIDES) == {e.name for e in PHENOMENON.experiments}


def test_the_linear_estimator_names_its_samples_and_its_edge():
    lines = beneath("linear_estimator", d=400, ratio=0.5)
    assert "800 samples" in lines["ratio"]
    assert lines["eta"].endswith("0.686")
    assert lines["level"].endswith("0.00260")


@pytest.mark.parametrize(("decay", "warned"), [(0.01, False), (0.05, True)])
def test_fast_decay_is_marked(decay, warned):
    lines = beneath("weight_decay_timing", weight_decay=decay, n=10, d=20)
    assert ("weight_decay" in lines) == warned
    assert "later by" in lines["alpha"]


@pytest.mark.parametrize(("width", "warned"), [(12, True), (30, False)])
def test_too_few_neurons_are_marked(width, warned):
    assert beneath("fourier_staircase", width=width)["width"].startswith(":orange[") == warned
