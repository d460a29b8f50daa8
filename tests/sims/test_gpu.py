"""What holds on a card as it does on the CPU; all of it is left out where there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from sims import api
from sims.core.devices import has_gpu
from sims.core.experiment import Experiment, Preset
from sims.core.setup import given, preset_of
from sims.testing import Checked
from sims.testing.runs import presets

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not has_gpu(), reason="needs an accelerator"),
]

LINEAR = "saddle_to_saddle/linear_network"
SHORT = f"""
import json, sims
tree = sims.run({LINEAR!r}, horizon=1.0, device="gpu")
print(json.dumps([tree.attrs["device"], tree.attrs["prediction_sha256"]]))
"""
TINY_SHARE = "0.002"
"""Of a card's memory: less than the weights below take on the largest there is."""
MANY = ("--set", "d_in=128", "--set", "d_out=128", "--set", "width=512", "--seeds", "256")


def default(experiment: Experiment) -> Preset:
    """The preset whose knobs are the default ones."""
    name = preset_of(experiment, given(experiment, {}))
    return experiment.preset(name) if name else experiment.presets[0]


@pytest.mark.parametrize("experiment", api.experiments(), ids=lambda e: e.name)
def test_every_default_ends_on_the_card_as_it_states(experiment: Experiment) -> None:
    checked = Checked(
        experiment,
        lambda name: api.run(experiment, preset=name, device="gpu"),
        [default(experiment)],
    )
    assert list(presets(checked)) == []


def test_a_sweep_on_the_card_is_that_of_the_cpu() -> None:
    over = {"alpha": "1e-5:1e-3:4:log"}
    cpu, gpu = (api.sweep(LINEAR, over, seeds=2, device=device) for device in ("cpu", "gpu"))
    assert gpu.attrs["device"] == "gpu"
    assert gpu.attrs["prediction_sha256"] == cpu.attrs["prediction_sha256"]
    np.testing.assert_array_equal(gpu["claims"]["verdict"], cpu["claims"]["verdict"])
    for name, values in cpu["sweep"].data_vars.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(gpu["sweep"][str(name)], values, rtol=1e-6, atol=1e-9)


def test_two_processes_share_a_card() -> None:
    both = [
        subprocess.Popen([sys.executable, "-c", SHORT], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=300)[0] for process in both]
    (one, digest), (other, again) = (json.loads(text.splitlines()[-1]) for text in said)
    assert (one, other) == ("gpu", "gpu")
    assert digest == again


def test_a_run_for_which_a_card_has_no_room_ends_in_a_sentence_with_what_would_fit() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "run", LINEAR, *MANY, "--device", "gpu"],
        capture_output=True, text=True, timeout=600,
        env={**os.environ, "XLA_PYTHON_CLIENT_MEM_FRACTION": TINY_SHARE},
    )  # fmt: skip
    assert done.returncode == 2
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("The gpu has no room for these 256 runs side by side")
    assert "at once" in last
