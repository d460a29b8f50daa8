"""A panel as a figure of Plotly's: whole, valid, and of the run's own numbers."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

import sims

LINEAR = "saddle_to_saddle/linear_network"


@pytest.fixture(scope="module")
def run():
    return sims.run(LINEAR, device="cpu", seeds=2)


def test_a_figure_has_the_runs_numbers_and_the_theorys_lines(run):
    figure = sims.show(run, "loss")
    assert isinstance(figure, go.Figure)
    drawn: Any = figure.data
    named = {trace.name: trace for trace in drawn if trace.showlegend}
    assert {"run", "theory, step included", "2 seeds, min to max"} <= set(named)
    loss = run["run"]["loss"].isel(seed=0).values
    np.testing.assert_allclose(np.asarray(named["run"].y, float), loss, rtol=1e-6)
    assert "Loss" in figure.layout.title.text


def test_every_panel_is_a_valid_figure_without_a_role_for_a_colour(run):
    with pytest.raises(ValueError, match="There is no panel 'none'") as refused:
        sims.show(run, "none")
    panels = str(refused.value).partition(": give ")[2].rstrip(".").replace(" or ", ", ")
    for panel in panels.split(", "):
        text = sims.show(run, panel).to_json()
        assert "role:" not in text, panel


def test_a_prediction_alone_is_shown_without_a_run():
    figure = sims.show(sims.predict(LINEAR), "loss")
    assert "run" not in {trace.name for trace in figure.data if trace.showlegend}


def test_a_tree_that_is_no_run_is_refused_in_one_sentence(run):
    strange = run.copy()
    strange.attrs["experiment"] = "somebody/elses"
    with pytest.raises(ValueError, match="somebody/elses"):
        sims.show(strange)
