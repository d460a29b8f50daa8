"""Sweeps through Ray; where it is not installed, only what is said of that."""

import importlib.util
import os
import pickle
import signal
import socket
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

import sims
from sims import api
from sims.core.devices import has_gpu
from sims.core.grid import Grid
from sims.core.recipe import Recipe
from sims.core.registry import find
from sims.core.unfinished import OnDisk
from tests.sims.core.test_swept import NEURON, differing, in_parts, sweep

__all__ = ["in_parts"]
needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="no Ray here")


def test_without_ray_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ValueError, match=r"pip install 'learning-mechanics-explorer\[cluster\]'"):
        sweep(engine="ray")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"engine": "slurm"}, "give here or ray"),
        ({"address": "host:6379"}, "Only Ray has an address"),
    ],
)
def test_another_engine_is_refused_in_one_sentence(how, words: str):
    with pytest.raises(ValueError, match=words):
        sweep(**how)


@needs_ray
@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_a_cluster_that_does_not_answer_is_said_soon(scheme: str):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    with pytest.raises(ValueError, match=f"No Ray cluster answers at {scheme}127.0.0.1:{port}"):
        sweep(engine="ray", address=f"{scheme}127.0.0.1:{port}")


@needs_ray
def test_what_is_no_address_is_refused():
    with pytest.raises(ValueError, match="no address of a cluster"):
        sweep(engine="ray", address="somewhere")


def test_a_recipe_makes_the_same_grid_and_refuses_another_installation():
    grid = Grid.of(api.experiment(NEURON), {"angle": 90.0}, {"a0": "0.1,0.2"}, seeds=2)
    recipe = Recipe.of(grid, "cpu")
    again = recipe.grid()
    assert (again.base, again.seed, again.seeds, again.shape) == (grid.base, 0, 2, (2,))
    other = Recipe(**{**vars(recipe), "versions": {**recipe.versions, "jax": "0.1"}})
    with pytest.raises(ValueError, match=r"has jax \S+ in place of 0.1: install the same"):
        other.grid()


def test_a_recipe_carries_data_of_one_s_own():
    name, X = "edge_of_stability/neural_network", np.arange(12.0).reshape(6, 2) ** 2
    grid = Grid.of(api.experiment(name), {"data": (X, X[:, 0] % 5)}, {"eta": "0.01,0.02"})
    sent = pickle.loads(pickle.dumps(Recipe.of(grid, "cpu")))
    np.testing.assert_array_equal(sent.own[0], X)
    assert sent.grid().base == grid.base


def test_a_recipe_carries_the_text_of_a_plug_in_file(tmp_path: Path):
    file = tmp_path / "one_neuron.py"
    file.write_text(Path("tests/plugins/one_neuron.py").read_text("utf-8"), "utf-8")
    experiment = find(file)
    recipe = Recipe.of(Grid.of(experiment, {}, {"a0": "0.1,0.2"}), "cpu")
    file.unlink()
    assert recipe.grid().experiment.name == experiment.name


@needs_ray
@pytest.mark.slow
def test_a_sweep_through_ray_loses_nothing_when_its_workers_are_killed(
    in_parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    killed = []

    def kill(store, place, block, keep=OnDisk.keep):
        keep(store, place, block)
        while not killed:  # until one is at work
            for process in psutil.Process().children(recursive=True):
                if "points_of" in " ".join(process.cmdline()):
                    os.kill(process.pid, signal.SIGKILL)
                    killed.append(process.pid)
            time.sleep(0.01)

    over = {"a0": "0.1:1:6", "w0": "0.2:1:6"}
    whole = sims.sweep(NEURON, over, device="cpu")
    monkeypatch.setattr(OnDisk, "keep", kill)
    swept = sims.sweep(NEURON, over, device="cpu", engine="ray", out=tmp_path / "s.nc")
    assert killed
    assert differing(swept, whole) == []


@needs_ray
@pytest.mark.slow
def test_through_ray_every_variable_is_the_same_and_refusals_are_one_sentence(in_parts):
    linear = "saddle_to_saddle/linear_network"
    over = {"width": "2,4", "alpha": "1e-4,1e-3"}
    here, there = (
        sims.sweep(linear, over, horizon=1.0, seeds=2, device="cpu", engine=engine)
        for engine in api.ENGINES
    )
    assert differing(here, there) == []
    if not has_gpu():
        with pytest.raises(ValueError, match="no gpu: give auto or cpu"):
            sims.sweep(NEURON, {"a0": "0.1,0.2"}, engine="ray", device="gpu")
