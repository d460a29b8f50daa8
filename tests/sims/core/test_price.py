import dataclasses

import numpy as np
import pytest

from sims import api, testing
from sims.core.experiment import Preset
from sims.core.price import UNMEASURED, cpu_seconds, everyday, look_for
from sims.core.study import Study
from sims.lazy_rich.phase_diagram import EXPERIMENT as DIAGRAM
from sims.lazy_rich.two_layer_network.params import PER_SECOND
from sims.testing import Checked, records

GPU = [(e, p) for e in api.experiments() for p in e.presets if p.gpu]


def test_what_a_diagram_costs_a_cpu_is_the_sum_of_its_runs():
    over = {"width": "16,64", "alpha": "0.1:10:3:log"}
    preset = Preset("small", "Small", "Nothing.", {"steps": 500}, over=over, gpu=True)
    products = 500 * DIAGRAM.Params().n * DIAGRAM.Params().d * 3 * (16 + 64)
    assert cpu_seconds(DIAGRAM, preset) == pytest.approx(products / PER_SECOND)


def test_a_preset_for_a_gpu_says_so_with_its_price_and_that_nothing_was_measured():
    preset = Preset("large", "Large", "More of it.", {"steps": 200_000}, gpu=True)
    assert look_for(DIAGRAM, preset) == (
        f"More of it. For a GPU, about 10 seconds on one thread of a CPU; {UNMEASURED}."
    )
    unpriced = dataclasses.replace(DIAGRAM, cpu_seconds=None)
    assert look_for(unpriced, preset) == f"More of it. For a GPU; {UNMEASURED}."
    measured = dataclasses.replace(preset, verdicts={"boundary": "lands"})
    assert UNMEASURED not in look_for(DIAGRAM, measured)
    assert look_for(DIAGRAM, dataclasses.replace(preset, gpu=False)) == "More of it."


def test_no_check_and_no_record_takes_a_preset_for_a_gpu(monkeypatch):
    large = Preset("large", "Large", "More of it.", gpu=True)
    experiment = dataclasses.replace(DIAGRAM, presets=(*DIAGRAM.presets, large))
    assert large not in everyday(experiment)
    assert not any(p.gpu for p in (*Checked(experiment).presets, *testing.quick(experiment)))
    tried = []

    def end(*_):
        raise InterruptedError

    monkeypatch.setattr(records, "preset_end", lambda _, preset: tried.append(preset.id))
    monkeypatch.setattr(records, "random_settings", end)
    with pytest.raises(InterruptedError):
        records.ledger(experiment, 1)
    assert tried == [p.id for p in everyday(DIAGRAM)]


@pytest.mark.parametrize(("experiment", "preset"), GPU, ids=[p.id for _, p in GPU])
def test_a_shipped_preset_for_a_gpu_is_taken_and_costs_a_cpu_minutes(experiment, preset):
    knobs = dict(preset.params) | {n: _last(v) for n, v in (preset.over or {}).items()}
    Study(experiment, knobs).prepare()
    price = cpu_seconds(experiment, preset)
    assert price is not None
    assert price > 60
    assert not preset.verdicts


def _last(text: str) -> float | int:
    value = float(text.split(":")[1])
    return int(value) if np.floor(value) == value else value
