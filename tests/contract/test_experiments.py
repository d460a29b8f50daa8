"""What every experiment promises: `sims.testing` over all that are shipped."""

from __future__ import annotations

import pytest

from app.live.check import DRAWN
from sims import api
from sims.testing import CHECKS, Checked, finding

EXPERIMENTS = api.experiments()


@pytest.fixture(scope="session")
def checked(preset_runs):
    """Each experiment under check, its presets run once."""
    return {
        e.name: Checked(e, lambda preset, name=e.name: preset_runs[name, preset])
        for e in EXPERIMENTS
    }


@pytest.mark.parametrize("check", [*CHECKS, DRAWN], ids=lambda c: c.name)
@pytest.mark.parametrize("name", [e.name for e in EXPERIMENTS])
def test_an_experiment_keeps_what_every_one_promises(name, check, checked):
    assert finding(check, checked[name]).wrongs == ()
