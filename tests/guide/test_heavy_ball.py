"""The example of the guide: it passes its checks, and its formulas hold wherever a reader goes."""

from __future__ import annotations

import numpy as np
import pytest

from app.assets import asset
from app.live.check import DRAWN
from sims.core.registry import find
from sims.core.study import Study
from sims.testing import Checked, check_experiment, finding, random_settings
from sims.view import View

FILE = asset("guide/heavy_ball.py")
EXPERIMENT = find(FILE)


def judged(**knobs: float) -> dict[str, str]:
    claims = Study(EXPERIMENT, knobs).finished().claims
    assert claims is not None
    return dict(zip(claims["claim"].values, claims["verdict"].values, strict=True))


def test_the_example_passes_every_check():
    check_experiment(EXPERIMENT)
    assert finding(DRAWN, Checked(EXPERIMENT)).wrongs == ()


def test_it_is_short_and_declares_its_view():
    assert len(FILE.read_text("utf-8").splitlines()) <= 200
    assert isinstance(EXPERIMENT.view, View)


def test_two_presets_land_and_one_departs_for_a_named_assumption():
    stated = [set(p.verdicts.values()) for p in EXPERIMENT.presets]
    assert sum("departs" not in verdicts for verdicts in stated) >= 2
    claims = Study(EXPERIMENT, preset="long").finished().claims
    assert claims is not None
    assert claims["verdict"].sel(claim="flow").item() == "departs"
    assert "has no memory" in claims["reason"].sel(claim="flow").item()


def test_past_the_edge_it_diverges():
    ends = {}
    for eta in (2.9, 3.1):  # the edge is at 2(1 + β)/λ = 3
        seen = Study(EXPERIMENT, {"eta": eta, "steps": 100}).finished().seen
        ends[eta] = float(abs(seen["x"]).isel(record=-1).max())
    assert ends[2.9] < 1 < 100 < ends[3.1]


@pytest.mark.parametrize("beta", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("share", [1 - 1e-12, 1.0, 1 + 1e-9, 1.5])
def test_the_exact_law_lands_around_the_double_root(beta: float, share: float):
    eta = share * (1 - np.sqrt(beta)) ** 2
    assert judged(beta=beta, eta=eta, steps=400)["x"] == "lands"


@pytest.mark.parametrize("beta", [0.0, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("memory", [0.012, 0.02])
def test_the_flow_lands_wherever_the_memory_is_short(beta: float, memory: float):
    eta = 0.999 * memory * (1 - beta) ** 2
    assert judged(beta=beta, eta=eta, steps=20_000)["flow"] == "lands"


def test_no_setting_drawn_at_random_is_a_surprise():
    survey = random_settings(EXPERIMENT, 40, seed=1)
    assert survey.ends["judged"] == 40
    assert [survey.command(one) for one in survey.surprises] == []


def test_a_run_that_leaves_the_numbers_departs_because_it_is_past_the_edge():
    claims = Study(EXPERIMENT, preset="diverged").finished().claims
    assert claims is not None
    assert claims["verdict"].sel(claim="x").item() == "departs"
    assert "Past η = 3 the run diverges" in claims["reason"].sel(claim="x").item()
