import json

import pytest

from app.assets import asset
from app.bench.pictures.catalogue import PICTURES
from app.bench.pictures.reference import said
from app.figures import style
from app.page import home
from sims import api
from sims.core.study import Study


@pytest.mark.parametrize("spec", PICTURES, ids=lambda s: s["file"])
def test_shipped_pictures_are_small_and_come_from_a_run_without_surprise(spec):
    path = asset(f"reference/{spec['file']}.json")
    assert path.stat().st_size < 60_000
    made = json.loads(path.read_text("utf-8"))
    assert made.get("surprises", 0) == 0
    assert (made["experiment"], made["preset"]) == (spec["experiment"], spec["preset"])
    kinds = ("run",) if "number" in spec else ("ground",)
    runs = [t for t in made["figure"]["data"] if t.get("legendgroup") in kinds]
    assert runs
    for trace in (t for t in runs if t["y"]):
        # a dot for each of four widths or nine batch sizes, or an arrow for each of five features
        is_few = trace.get("mode") == "markers" or None in trace["y"]
        assert len(trace["y"]) > (3 if is_few else 20 if "number" in spec else 7)
    text = json.dumps(made["figure"])
    assert "role:" in text
    for mode in style.MODES:
        for role in set(text.split('"role:')[1:]):
            style.colour("role:" + role.partition('"')[0], mode)


def test_the_shipped_numbers_are_those_of_the_present_code():
    from sims.core.prediction import digest

    made = home.reference("opening")
    assert made is not None
    spec = PICTURES[0]
    setup = Study(
        api.experiment(spec["experiment"]), preset=spec["preset"], seeds=spec["seeds"]
    ).setup
    foreseen = Study.of(setup).predict()
    assert said(foreseen["jump_times"].isel(seed=0).values, spec) == made["predicted"]
    assert setup.schedule.steps == made["steps"]
    assert len(digest(foreseen)) == len(made["prediction_sha256"]) == 64
