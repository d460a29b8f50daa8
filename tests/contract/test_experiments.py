"""What every experiment promises: `sims.testing` over all that are shipped.

Presets that declare themselves slow have cases of their own, marked so.
"""

from __future__ import annotations

import pytest

from app.live.check import DRAWN
from sims import api
from sims.core.price import everyday
from sims.testing import CHECKS, Checked, finding, quick

EXPERIMENTS = {e.name: e for e in api.experiments()}
SLOW = {name: [p for p in everyday(e) if p.slow] for name, e in EXPERIMENTS.items()}


@pytest.fixture(scope="session")
def checked(preset_runs):
    """An experiment under check with its quick presets, or its slow ones; each is run once.

    The last one only is kept, with its runs; the tests ask for one experiment after another.
    """
    made: dict[tuple[str, bool], Checked] = {}

    def found(name: str, *, slow: bool) -> Checked:
        if (name, slow) not in made:
            made.clear()
            presets = SLOW[name] if slow else quick(EXPERIMENTS[name])
            made[name, slow] = Checked(
                EXPERIMENTS[name], lambda preset: preset_runs[name, preset], presets
            )
        return made[name, slow]

    return found


@pytest.mark.parametrize("check", [*CHECKS, DRAWN], ids=lambda c: c.name)
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_keeps_what_every_one_promises(name, check, checked):
    assert finding(check, checked(name, slow=False)).wrongs == ()


@pytest.mark.slow
@pytest.mark.parametrize("check", [c for c in CHECKS if c.of_presets], ids=lambda c: c.name)
@pytest.mark.parametrize("name", [name for name, presets in SLOW.items() if presets])
def test_its_slow_presets_keep_it_too(name, check, checked):
    assert finding(check, checked(name, slow=True)).wrongs == ()


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_has_a_preset_that_is_quick(name):
    assert quick(EXPERIMENTS[name])


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_claim_is_held_against_a_guess(name):
    found = EXPERIMENTS[name]
    assert [c.name for c in (*found.claims, *found.sweep_claims) if c.baseline is None] == []
