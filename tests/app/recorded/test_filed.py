"""A run in a file says on its page what it said while it was trained."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from app.live.server.frames import unpack
from app.recorded import filed
from app.recorded.recording import Recording
from sims import api
from sims.core import archive


@pytest.fixture(scope="module")
def read(saved: Path) -> Recording:
    return filed.read(saved)


def test_prediction_rows_and_verdicts_are_those_of_the_run(
    read: Recording, recording: Recording
) -> None:
    assert read.judgement == recording.judgement
    assert read.view == recording.view
    assert read.numbers == recording.numbers
    for one, other in zip(read.frames, recording.frames, strict=True):
        mine, theirs = unpack(one), unpack(other)
        np.testing.assert_array_equal(mine.columns, theirs.columns)
        for a, b in zip(mine.snapshots, theirs.snapshots, strict=True):
            np.testing.assert_array_equal(a, b)
    assert read.about.hash == recording.about.hash
    assert read.about.query == recording.about.query


def test_every_number_is_the_files_own(saved: Path, tmp_path: Path, read: Recording) -> None:
    tree = archive.read(saved)
    run = tree["run"].to_dataset()
    tree["run"] = xr.DataTree(run.assign(loss=run["loss"] * 2))
    tree.attrs["versions"] = json.dumps({**json.loads(tree.attrs["versions"]), "jax": "0.1"})
    archive.write(tree, tmp_path / "twice.nc")
    twice = filed.read(tmp_path / "twice.nc")
    assert twice.about.provenance.endswith("JAX 0.1")
    assert twice.view["provenance"] == twice.about.provenance
    before, after = (unpack(one.frames[0]).columns for one in (read, twice))
    changed = [i for i in range(len(before)) if not np.array_equal(before[i], after[i])]
    assert changed
    np.testing.assert_array_equal(after[changed[0]], 2 * before[changed[0]])


def test_settings_of_ones_own_are_told_from_the_usual_ones(tmp_path: Path) -> None:
    path = tmp_path / "own.nc"
    api.run("lazy_rich/one_neuron", device="cpu", out=path, angle=60.0, horizon=3.0)
    about = filed.read(path).about
    assert about.preset == ""
    assert about.values == {"angle": 60.0, "horizon": 3.0}


def _without(tree: xr.DataTree, *groups: str) -> xr.DataTree:
    kept = {name: one.to_dataset() for name, one in tree.children.items() if name not in groups}
    made = xr.DataTree.from_dict({f"/{name}": data for name, data in kept.items()})
    made.attrs = tree.attrs
    return made


def test_a_file_that_holds_no_finished_run_is_refused(saved: Path, tmp_path: Path) -> None:
    tree = archive.read(saved)
    path = tmp_path / "foreseen.nc"
    archive.write(_without(tree, "run", "claims"), path)
    with pytest.raises(ValueError, match="holds no finished run"):
        filed.read(path)


def test_a_sweep_and_what_is_not_installed_are_refused(saved: Path, tmp_path: Path) -> None:
    tree = archive.read(saved)
    swept = _without(tree, "run")
    swept["sweep"] = tree["run"]
    archive.write(swept, tmp_path / "swept.nc")
    with pytest.raises(ValueError, match="holds a sweep"):
        filed.read(tmp_path / "swept.nc")
    tree.attrs["experiment"] = "mine/valley"
    archive.write(tree, tmp_path / "other.nc")
    with pytest.raises(ValueError, match="mine/valley, which is not installed here"):
        filed.read(tmp_path / "other.nc")


@pytest.mark.parametrize(
    ("name", "said"),
    [("absent.nc", "There is no file"), ("a.txt", "is no .nc file"), ("b.nc", "cannot be read")],
)
def test_what_is_no_run_is_refused(tmp_path: Path, name: str, said: str) -> None:
    if name != "absent.nc":
        (tmp_path / name).write_text("no run")
    with pytest.raises(ValueError, match=said):
        filed.read(tmp_path / name)
