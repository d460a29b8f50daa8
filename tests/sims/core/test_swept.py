"""Sweeps in parts: written as they go, stopped, killed, and gone on from."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sims
from sims import api
from sims.core import archive, grid, swept, unfinished
from sims.core.grid import Grid

NEURON = "lazy_rich/one_neuron"
OVER = {"a0": "0.1:1:4", "w0": "0.2:1:3"}
SMALL = {"horizon": 0.5, "dt": 0.01}
FOUR_PARTS = "from sims.core import grid; grid.MOST_WHOLE, grid.PART_RUNS = 4, {'cpu': 3}"


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve runs are four parts, as a large sweep would be."""
    monkeypatch.setattr(grid, "MOST_WHOLE", 4)
    monkeypatch.setattr(grid, "PART_RUNS", {"cpu": 3})


def sweep(out: Path | None = None, over=OVER, **how):
    knobs = {name: value for name, value in SMALL.items() if name not in over}
    return sims.sweep(NEURON, over, device="cpu", out=out, **{**knobs, **how})


def differing(one, other) -> list[str]:
    """What is not the same to the last bit, but for times of day and the hash over the blocks."""
    said = {"created_at", "predicted_at", "blocks_sha256"}
    found = [k for k in {*one.attrs, *other.attrs} - said if one.attrs.get(k) != other.attrs.get(k)]
    for group in {*one.children, *other.children}:
        a, b = one[group].to_dataset(), other[group].to_dataset()
        names = {*a.variables, *b.variables}
        found += [
            f"{group}/{n}" for n in names if n not in a or n not in b or _said(a[n]) != _said(b[n])
        ]
    return found


def _said(variable) -> tuple:
    values = variable.values
    words = values.dtype.kind not in "biuf"  # read from a file, words have a type of their own
    numbers = values.tolist() if words else (values.dtype, values.tobytes())
    return variable.dims, variable.shape, numbers


def stopping_after(blocks: int, keep=unfinished.OnDisk.keep):
    """A `keep` that is interrupted behind so many blocks."""
    kept = []

    def stopped(store, place, block):
        keep(store, place, block)
        kept.append(place)
        if len(kept) == blocks:
            raise KeyboardInterrupt

    return stopped


def trained(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The parts that are trained from now on, in order."""
    parts = []

    def noted(part, number, *given, train=swept.train):
        parts.append(number)
        train(part, number, *given)

    monkeypatch.setattr(swept, "train", noted)
    return parts


@pytest.fixture
def stopped(in_parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a sweep of four blocks that was interrupted behind the second."""
    out = tmp_path / "s.nc"
    with monkeypatch.context() as patch:
        patch.setattr(unfinished.OnDisk, "keep", stopping_after(2))
        with pytest.raises(KeyboardInterrupt, match="Stopped with 6 of 12 points done"):
            sweep(out)
    return out


def test_a_sweep_in_parts_has_every_variable_of_one_trained_whole(
    tmp_path: Path, request: pytest.FixtureRequest
):
    whole = sweep(seeds=2)
    request.getfixturevalue("in_parts")
    assert differing(sweep(tmp_path / "s.nc", seeds=2), whole) == []
    assert differing(archive.read(tmp_path / "s.nc"), whole) == []
    assert [p.name for p in tmp_path.iterdir()] == ["s.nc"]


def test_a_sweep_too_large_for_memory_is_put_together_on_the_disk_to_the_same_file(
    in_parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    usual = sweep(tmp_path / "usual.nc")
    monkeypatch.setattr(unfinished, "MAPPED_BYTES", 0)
    monkeypatch.setattr(archive, "LARGE", 0)
    with sweep(tmp_path / "large.nc") as large:
        assert not isinstance(large["sweep"]["loss"].variable._data, np.ndarray)
        assert differing(large, usual) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["large.nc", "usual.nc"]


def test_a_million_runs_are_taken_and_more_are_refused():
    experiment = api.experiment(NEURON)
    over = {"a0": "0:1:1000", "w0": "0.1:1:500"}
    assert Grid.of(experiment, {}, over, seeds=2).runs == grid.MOST_RUNS
    with pytest.raises(ValueError, match="1500000 runs: give at most 1000000"):
        sims.sweep(NEURON, over, seeds=3)


def test_each_part_is_of_neighbours_and_none_is_left_out():
    large = Grid.of(api.experiment(NEURON), {}, {"a0": "0:1:1000", "w0": "0.1:1:9"}, seeds=2)
    parts = large.parts("cpu")
    assert [i for part in parts for i in part] == list(range(9000))
    assert {len(part) for part in parts[:-1]} == {256}


def test_values_refused_at_an_end_of_an_axis_are_refused_before_any_training(
    in_parts, monkeypatch: pytest.MonkeyPatch
):
    parts = trained(monkeypatch)
    with pytest.raises(ValueError, match="more than 2000000"):
        sweep(over={"dt": "1e-5,0.001,0.01", "a0": "0.1,0.2"}, horizon=100.0)
    assert parts == []


def test_ctrl_c_leaves_a_file_of_what_is_done_with_the_rest_not_judged(stopped: Path):
    tree = archive.read(stopped)
    assert tree.attrs["points_done"] == 6
    loss = tree["sweep"].to_dataset()["loss"].values
    assert np.isfinite(loss[:2]).all()
    assert np.isnan(loss[2:]).all()
    verdicts = tree["claims"].to_dataset()["verdict"].values
    assert set(verdicts[:, 2:].ravel()) == {3}


def test_what_was_stopped_is_gone_on_from_and_ends_as_if_it_had_not(
    stopped: Path, monkeypatch: pytest.MonkeyPatch
):
    parts = trained(monkeypatch)
    resumed = sweep(stopped, resume=True)
    assert parts == [2, 3]
    assert differing(resumed, sweep()) == []
    assert differing(archive.read(stopped), resumed) == []
    assert not unfinished.folder_of(stopped).exists()


def test_a_block_that_was_damaged_is_computed_again(stopped: Path, monkeypatch):
    block = sorted(unfinished.folder_of(stopped).glob("*.npz"))[0]
    block.write_bytes(block.read_bytes()[:-100])
    parts = trained(monkeypatch)
    assert differing(sweep(stopped, resume=True), sweep()) == []
    assert parts[:3] == [0, 2, 3]


def test_parts_of_other_settings_are_not_gone_on_from(stopped: Path):
    with pytest.raises(ValueError, match=r"begun with other settings \(knobs\): give those"):
        sweep(stopped, resume=True, angle=90.0)
    with pytest.raises(ValueError, match=r"other settings \(over, seeds\)"):
        sweep(stopped, resume=True, over={"a0": "0.1:1:4", "w0": "0.2:1:4"}, seeds=2)


def test_an_unfinished_sweep_is_neither_mixed_with_another_nor_lost_unasked(stopped: Path):
    stopped.unlink()
    with pytest.raises(ValueError, match="holds the parts of an unfinished sweep"):
        sweep(stopped)
    assert differing(sweep(stopped, overwrite=True, angle=90.0), sweep(angle=90.0)) == []


def test_a_finished_sweep_is_resumed_at_once_and_another_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "s.nc"
    first = sweep(out, over={"a0": "0.1,0.2"})
    parts = trained(monkeypatch)
    with sweep(out, over={"a0": "0.1,0.2"}, resume=True) as again:
        assert differing(again, first) == []
    assert parts == []
    with pytest.raises(ValueError, match="is of another sweep"):
        sweep(out, over={"a0": "0.1,0.3"}, resume=True)
    out.write_bytes(b"no file of ours")
    with pytest.raises(ValueError, match="no sweep that can be resumed"):
        sweep(out, over={"a0": "0.1,0.2"}, resume=True)
    with pytest.raises(ValueError, match="Only a sweep with a file"):
        sweep(resume=True)


def test_a_killed_process_leaves_what_it_had_done(in_parts, tmp_path: Path, monkeypatch):
    out = tmp_path / "s.nc"
    code = f"""
import os, signal, sims
{FOUR_PARTS}
from sims.core import unfinished
kept = unfinished.OnDisk.keep
def killed(store, place, block):
    if place.part == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    kept(store, place, block)
unfinished.OnDisk.keep = killed
sims.sweep({NEURON!r}, {OVER!r}, device="cpu", out={str(out)!r}, **{SMALL!r})
"""
    ended = subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not out.exists()
    parts = trained(monkeypatch)
    assert differing(sweep(out, resume=True), sweep()) == []
    assert parts[:2] == [2, 3]
