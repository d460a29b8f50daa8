import json

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
