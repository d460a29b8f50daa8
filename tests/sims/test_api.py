import json
from typing import Any

import pytest

import sims
from sims import api

LINEAR = "saddle_to_saddle/linear_network"


def test_every_experiment_is_listed_with_all_its_knobs_as_plain_data():
    listed = json.loads(json.dumps(sims.list_experiments()))
    assert [e["id"] for e in listed] == [e.name for e in api.experiments()]
    linear = listed[0]
    knobs = {k["name"]: k for k in linear["knobs"]}
    wanted = "name symbol unit default lo hi hard_lo hard_hi scale choices static help"
    assert set(wanted.split()) <= set(knobs["eta"])
    assert knobs["eta"]["default"] == "auto"
    assert linear["presets"][0]["verdicts"]["jump_times"] == "lands"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sims.run("saddle_to_saddle/linear_netwrok"), f"did you mean {LINEAR}"),
        (lambda: sims.run(LINEAR, preset="stairs"), "it has staircase"),
        (lambda: sims.run(LINEAR, seeds=0), "seeds = 0"),
        (lambda: sims.run(LINEAR, seed=-1), "seed = -1"),
        (lambda: sims.run(LINEAR, device="tpu"), "auto, cpu or gpu"),
        (lambda: sims.predict(LINEAR, eta=float("nan")), "eta = nan"),
    ],
)
def test_bad_values_raise_one_sentence(call, words):
    with pytest.raises(ValueError, match=words) as refused:
        call()
    assert "\n" not in str(refused.value)


def test_a_prediction_alone_has_the_hash_of_the_run():
    knobs: dict[str, Any] = {"horizon": 1.0}
    alone = sims.predict(LINEAR, **knobs)
    run = sims.run(LINEAR, **knobs)
    assert alone.attrs["prediction_sha256"] == run.attrs["prediction_sha256"]
    assert set(alone.children) == {"task", "prediction"}


def test_a_preset_that_sweeps_gives_a_sweep():
    tree = sims.run(LINEAR, preset="waiting_times", horizon=1.0)
    assert tree["sweep"].sizes["alpha"] == 12
    assert tree.attrs["preset"] == "waiting_times"


def test_progress_ends_at_one():
    seen = []
    sims.run(LINEAR, horizon=1.0, progress=seen.append)
    assert seen[-1] == 1.0
    assert seen == sorted(seen)
