import json

import pytest
from app.views import home

from app.assets import asset
from app.figures import reference as maker
from app.figures import style
from app.page import url_path
from sims import api
from sims.core.study import Study


def test_every_phenomenon_has_its_place_on_the_map():
    evidence = {p.name: p.evidence for p in api.phenomena()}
    bodies = "solvable settings", "simplifying limits", "empirical laws", "hyperparameters"
    bodies = (*bodies, "universal phenomena")
    assert all(any(body in said.lower() for body in bodies) for said in evidence.values())
    assert all(p.question.endswith("?") for p in api.phenomena())


@pytest.mark.parametrize(
    "experiment", [e for p in api.phenomena() for e in p.experiments], ids=lambda e: e.name
)
def test_every_experiment_has_a_card_with_a_real_picture(experiment):
    made = home.reference(url_path(experiment))
    assert made is not None
    assert made["experiment"] == experiment.name
    has_numbers = {bool(made[key]) for key in ("predicted", "measured", "compared")}
    assert has_numbers == {bool(experiment.claims or experiment.sweep_claims)}


@pytest.mark.parametrize("spec", maker.PICTURES, ids=lambda s: s["file"])
def test_shipped_pictures_are_small_and_come_from_a_run_without_surprise(spec):
    path = asset(f"reference/{spec['file']}.json")
    assert path.stat().st_size < 60_000
    made = json.loads(path.read_text("utf-8"))
    assert made.get("surprises", 0) == 0
    assert (made["experiment"], made["preset"]) == (spec["experiment"], spec["preset"])
    kinds = ("run",) if "number" in spec else ("ground",)
    runs = [t for t in made["figure"]["data"] if t.get("legendgroup") in kinds]
    assert runs
    assert all(len(t["y"]) > (50 if "number" in spec else 7) for t in runs if t["y"])
    text = json.dumps(made["figure"])
    assert "role:" in text
    for mode in style.MODES:
        for role in set(text.split('"role:')[1:]):
            style.colour("role:" + role.partition('"')[0], mode)


def test_the_shipped_numbers_are_those_of_the_present_code():
    from sims.core.prediction import digest

    made = home.reference("opening")
    assert made is not None
    spec = maker.PICTURES[0]
    setup = Study(
        api.experiment(spec["experiment"]), preset=spec["preset"], seeds=spec["seeds"]
    ).setup
    foreseen = Study.of(setup).predict()
    assert maker._number(foreseen["jump_times"].isel(seed=0).values) == made["predicted"]
    assert setup.schedule.steps == made["steps"]
    assert len(digest(foreseen)) == len(made["prediction_sha256"]) == 64


def test_an_absent_asset_is_named():
    with pytest.raises(FileNotFoundError, match="no asset"):
        asset("reference/none.json")
