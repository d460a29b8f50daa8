import math

import pytest

from sims import api
from sims.core import choosing, grouping, sweep
from sims.core.choosing import Chosen, faster
from sims.core.memory import OutOfMemory
from sims.core.study import Study
from sims.core.sweep import Sweep

LINEAR = api.experiment("saddle_to_saddle/linear_network")
WORDS = {
    Chosen("cpu"): "cpu",
    Chosen("cpu", 3.04): "cpu, 3 times faster here than the gpu",
    Chosen("gpu", 41.3): "gpu, 41 times faster here than the cpu",
    Chosen("cpu", math.inf): "cpu, as the gpu has no room for it",
    Chosen("gpu", 1.2): "gpu, here about as fast as the cpu",
}


class Machine:
    """One that is said to have a card, and how long a step takes on either."""

    def __init__(self, cpu: float, gpu: float) -> None:
        self.seconds, self.measured = {"cpu": cpu, "gpu": gpu}, []

    def a_step(self, trial):
        self.measured.append((trial.device, trial.seeds))
        return self.seconds[trial.device]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    def made(cpu: float, gpu: float) -> Machine:
        found = Machine(cpu, gpu)
        monkeypatch.setattr(choosing, "chosen_device", lambda name: name)
        monkeypatch.setattr(choosing, "seconds_a_step", found.a_step)
        monkeypatch.setattr(sweep, "seconds_a_step", found.a_step)
        monkeypatch.setattr(choosing, "_measured", {})
        return found

    return made


def chosen(asked: str = "auto", **knobs) -> Chosen:
    return Study(LINEAR, {"horizon": 1.0, **knobs}).early().device(asked)


@pytest.mark.parametrize("choice", WORDS)
def test_the_choice_is_said_in_words(choice: Chosen):
    assert choice.words == WORDS[choice]


def test_the_device_that_takes_less_is_chosen():
    assert faster({"cpu": 2.0, "gpu": 0.5}) == Chosen("gpu", 4.0)
    assert faster({"cpu": 0.5, "gpu": 2.0}) == Chosen("cpu", 4.0)


def test_a_size_is_measured_once_whatever_its_knobs(machine):
    seen = machine(cpu=1e-6, gpu=3e-5)
    assert chosen() == chosen(alpha=1e-4)
    assert chosen().name == "cpu"
    assert chosen().times == pytest.approx(30.0)
    assert seen.measured == [("cpu", 1), ("gpu", 1)]
    chosen(width=32)
    assert len(seen.measured) == 4


def test_what_is_named_is_not_measured(machine):
    seen = machine(cpu=1e-6, gpu=3e-5)
    assert chosen("gpu") == Chosen("gpu")
    assert seen.measured == []


@pytest.mark.parametrize(("gpu", "device"), [(1e-5, "gpu"), (1e-3, "cpu")])
def test_a_sweep_is_measured_a_run_at_a_time_in_the_groups_of_each(machine, gpu, device):
    seen = machine(cpu=1e-6 * LINEAR.together, gpu=gpu)
    over = {"alpha": "1e-6:1e-2:40:log"}
    found = Sweep(LINEAR, {"horizon": 1.0}, over, device="auto")
    assert found.device == device
    assert dict(seen.measured) == {"cpu": min(40, LINEAR.together), "gpu": 40}


def test_groups_on_an_accelerator_are_as_large_as_fits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(grouping, "TOGETHER_BYTES", 10 * grouping.LANE_BYTES)
    found = Sweep(LINEAR, {"horizon": 1.0}, {"alpha": "1e-6:1e-2:3:log"}, device="gpu")
    assert [len(group) for group in found.groups] == [1, 1, 1]


@pytest.mark.parametrize(("device", "seconds"), [("cpu", None), ("gpu", math.inf)])
def test_a_card_without_room_leaves_a_run_to_the_cpu(
    monkeypatch: pytest.MonkeyPatch, device: str, seconds: float | None
):
    def full(self, _seconds):
        raise OutOfMemory(f"The {self.device} has no room.")

    monkeypatch.setattr(choosing.Run, "advance", full)
    trial = Study(LINEAR, {"horizon": 1.0}).early().run(device)
    if seconds is None:
        with pytest.raises(OutOfMemory):
            choosing.seconds_a_step(trial)
    else:
        assert choosing.seconds_a_step(trial) == seconds
