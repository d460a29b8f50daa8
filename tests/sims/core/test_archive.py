import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

import sims
from sims.core import archive


@pytest.fixture(scope="module")
def tree():
    return sims.run("saddle_to_saddle/linear_network", horizon=2.0, seeds=2, alpha=1e-3, width=3)


def test_attributes_are_those_a_reader_needs(tree):
    attrs = tree.attrs
    assert attrs["experiment"] == "saddle_to_saddle/linear_network"
    assert attrs["preset"] == ""
    assert json.loads(attrs["params"])["width"] == 3
    assert (attrs["seed"], attrs["seeds"], attrs["device"], attrs["format"]) == (
        0,
        2,
        "cpu",
        archive.FORMAT,
    )
    assert "jax" in json.loads(attrs["versions"])
    assert len(attrs["prediction_sha256"]) == 64


def test_a_hash_changes_with_any_number_and_not_with_labels(tree):
    prediction = tree["prediction"].to_dataset()
    relabelled = prediction.assign_attrs(anything="else")
    assert archive.digest(relabelled) == tree.attrs["prediction_sha256"]
    changed = prediction.copy(deep=True)
    changed["jump_times"].values[0, 0] *= 1 + 1e-15
    assert archive.digest(changed) != tree.attrs["prediction_sha256"]


def test_task_of_a_file_is_the_task_of_every_seed(tree, tmp_path):
    archive.write(tree, tmp_path / "a.nc")
    tasks = archive.task_of(archive.read(tmp_path / "a.nc"))
    assert len(tasks) == 2
    np.testing.assert_array_equal(tasks[0]["spectrum"], tasks[1]["spectrum"])
    assert not np.array_equal(tasks[0]["W1"], tasks[1]["W1"])


def test_json_has_words_for_what_is_not_finite(tree):
    data = json.loads(archive.to_bytes(tree, "json"))
    assert set(data["groups"]) == {"task", "prediction", "run", "claims"}
    jumps = data["groups"]["prediction"]["jump_times"]
    assert jumps["dims"] == ["seed", "mode"]
    assert "inf" in jumps["data"][0]


def test_csv_has_a_row_for_every_seed_and_record(tree):
    lines = archive.to_csv(tree).splitlines()
    head = lines[0].split(",")
    assert head[:3] == ["seed", "step", "time"]
    assert "mode_strengths[4]" in head
    assert len(lines) == 1 + 2 * tree["run"].sizes["record"]
    row = dict(zip(head, lines[-1].split(","), strict=True))
    assert float(row["loss"]) == pytest.approx(float(tree["run"]["loss"][1, -1]))


@pytest.mark.parametrize(
    ("name", "words"), [("run.txt", ".nc, .json or .csv"), ("nowhere/run.nc", "does not exist")]
)
def test_a_file_that_cannot_be_written_is_refused_before_the_run(tmp_path, name, words):
    with pytest.raises(ValueError, match=words):
        sims.run("saddle_to_saddle/linear_network", out=tmp_path / name)


@pytest.mark.parametrize("call", [sims.run, sims.predict])
def test_a_file_that_is_there_is_replaced_with_overwrite_alone(tmp_path, monkeypatch, call):
    name, out = "saddle_to_saddle/linear_network", tmp_path / "made.nc"
    out.write_text("former")
    with monkeypatch.context() as nothing_computed:
        nothing_computed.setattr("sims.api.Study", None)
        with pytest.raises(ValueError, match="is there already: give another name, or overwrite"):
            call(name, horizon=0.5, out=out)
    assert out.read_text() == "former"
    tree = call(name, horizon=0.5, out=out, overwrite=True)
    assert sims.same(archive.read(out), tree)


def test_a_sweep_replaces_a_file_with_overwrite_alone(tmp_path):
    name, over, out = "saddle_to_saddle/linear_network", {"eta": "0.002,0.004"}, tmp_path / "s.nc"
    out.write_text("former")
    with pytest.raises(ValueError, match="is there already"):
        sims.sweep(name, over, horizon=0.5, out=out)
    assert out.read_text() == "former"
    tree = sims.sweep(name, over, horizon=0.5, out=out, overwrite=True)
    assert sims.same(archive.read(out), tree)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder where nobody can write")
def test_a_place_that_takes_no_file_is_refused_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr("sims.api.Study", None)
    with pytest.raises(ValueError, match="cannot be written"):
        sims.run("saddle_to_saddle/linear_network", out="/proc/self/run.nc")


@pytest.mark.parametrize("kind", ["nc", "json", "csv"])
def test_a_result_whose_place_is_gone_is_kept_and_the_name_is_said(tmp_path, monkeypatch, kind):
    (tmp_path / "kept").mkdir()
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "kept"))

    def told(_share):
        shutil.rmtree(folder, ignore_errors=True)

    out = folder / f"run.{kind}"
    with pytest.raises(sims.NotWritten, match="No such file or directory") as failed:
        sims.run("saddle_to_saddle/linear_network", horizon=0.5, out=out, progress=told)
    kept = failed.value.kept
    assert kept is not None
    assert kept.parent == tmp_path / "kept"
    assert str(kept) in str(failed.value)
    assert kept.read_bytes() == archive.to_bytes(failed.value.tree, kind) or kind == "nc"
    if kind == "nc":
        again = archive.read(kept)
        assert again.attrs["prediction_sha256"] == failed.value.tree.attrs["prediction_sha256"]
    assert pickle.loads(pickle.dumps(failed.value)).kept == kept


def test_a_result_that_can_be_kept_nowhere_is_in_the_exception(tree, tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(sims.NotWritten, match="nor could it be kept elsewhere") as failed:
        archive.write(tree, tmp_path / "run.csv")
    assert failed.value.kept is None
    assert failed.value.tree is tree
