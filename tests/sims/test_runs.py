"""Runs through the public functions."""

import numpy as np

import sims


def test_python_and_file_name_the_same_numbers(tmp_path):
    tree = sims.run(
        "saddle_to_saddle/linear_network", seeds=2, alpha=1e-3, out=tmp_path / "run.json"
    )
    assert tree.attrs["seeds"] == 2
    assert tree["run"].sizes["seed"] == 2
    assert (tmp_path / "run.json").stat().st_size > 10_000


def test_two_seeds_together_are_the_two_seeds_alone():
    together = sims.run("saddle_to_saddle/linear_network", seeds=2, horizon=13.0)
    for seed in (0, 1):
        alone = sims.run("saddle_to_saddle/linear_network", seed=seed, horizon=13.0)
        one = alone["run"].to_dataset()["mode_strengths"][0]
        other = together["run"].to_dataset()["mode_strengths"][seed]
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


def test_trajectory_of_a_diverging_run_keeps_its_finite_part():
    tree = sims.run("saddle_to_saddle/linear_network", eta=0.6)
    run = tree["run"].to_dataset()
    assert run.attrs["stopped_0"] > 0
    assert np.isfinite(run["loss"].values).all()
    assert run.sizes["record"] >= 2
    claims = tree["claims"].to_dataset()
    assert str(claims["verdict"].sel(claim="mode_strengths").values) == "departs"
