"""Runs side by side: what differs in their knobs, and the claims as each file has them."""

import numpy as np
import pytest

import sims
from sims import api
from sims.core import archive

NAME = "lazy_rich/one_neuron"


@pytest.fixture(scope="module")
def runs():
    return [api.run(NAME, a0=a0, seed=seed, device="cpu") for a0, seed in ((0.1, 0), (1.5, 2))]


def test_only_knobs_and_seeds_that_differ_are_named(runs):
    made = sims.compare_runs(*runs)
    assert made.attrs["experiment"] == NAME
    assert made["run"].values.tolist() == ["run 1", "run 2"]
    assert dict(zip(made["knob"].values, made["value"].values.T.tolist(), strict=True)) == {
        "a0": ["0.1", "1.5"], "seed": ["0", "2"],
    }  # fmt: skip


def test_claims_are_those_of_each_file_at_its_worst_seed(runs):
    made = sims.compare_runs(*runs)
    for i, tree in enumerate(runs):
        judged = tree["claims"].to_dataset()
        one = made.isel(run=i)
        assert one["verdict"].values.tolist() == judged["verdict"].values.tolist()
        for name in ("predicted", "measured", "tolerance"):
            np.testing.assert_array_equal(one[name], judged[name])
        np.testing.assert_array_equal(one["error"], judged["error"].isel(seed=0))


def test_a_claim_that_arises_in_one_run_only_is_empty_in_the_other(runs):
    fewer = runs[1].copy()
    fewer["claims"] = runs[1]["claims"].to_dataset().isel(claim=[0])
    made = sims.compare_runs(runs[0], fewer)
    assert made["verdict"].isel(run=1).values.tolist()[1:] == ["", ""]
    assert np.isnan(made["error"].isel(run=1).values[1:]).all()


def test_files_go_by_their_names_each_once(runs, tmp_path):
    (tmp_path / "other").mkdir()
    for tree, name in zip(runs, ("small.nc", "other/small.nc"), strict=True):
        archive.write(tree, tmp_path / name)
    made = sims.compare_runs(tmp_path / "small.nc", tmp_path / "other" / "small.nc")
    assert made["run"].values.tolist() == ["small", "small (2)"]


def test_what_cannot_be_compared_is_refused_in_one_sentence(runs, tmp_path):
    swept = api.sweep(NAME, over={"a0": "0.1,0.2"}, device="cpu", horizon=1)
    other = api.run("saddle_to_saddle/matrix_completion", device="cpu")
    broken = tmp_path / "broken.nc"
    broken.write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 100)
    cases = [
        ((runs[0],), "One run has nothing beside it"),
        ((runs[0], swept), "run 2 is a sweep: give single runs."),
        ((runs[0], other), "run 2 of saddle_to_saddle/matrix_completion: give runs of one"),
        ((runs[0], api.predict(NAME)), "Nothing is judged in run 2"),
        ((runs[0], tmp_path / "gone.nc"), "There is no file"),
        ((runs[0], broken), "broken.nc cannot be read as NetCDF"),
    ]
    for asked, words in cases:
        with pytest.raises(ValueError, match=words) as refused:
            sims.compare_runs(*asked)
        assert "\n" not in str(refused.value)
