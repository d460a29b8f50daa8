import json

import pytest

from app.assets import asset
from app.figures import reference as maker
from app.figures import style
from app.views import home
from sims import api


def test_the_map_has_five_bodies_of_evidence():
    assert len({card.phenomenon for card in home.CARDS}) == 5
    built = {p.name: p for p in api.PHENOMENA}
    for card in home.CARDS:
        if card.phenomenon in built:
            assert card.evidence.lower() == built[card.phenomenon].evidence.lower()
            assert card.title == built[card.phenomenon].title
            assert home.reference(f"{card.phenomenon}-{card.picture}") is not None


@pytest.mark.parametrize("spec", maker.PICTURES, ids=lambda s: s["file"])
def test_shipped_pictures_are_small_and_come_from_a_run_that_lands(spec):
    path = asset(f"reference/{spec['file']}.json")
    assert path.stat().st_size < 60_000
    made = json.loads(path.read_text("utf-8"))
    assert made["landed"] == made["judged"] > 0
    assert (made["experiment"], made["preset"]) == (spec["experiment"], spec["preset"])
    runs = [t for t in made["figure"]["data"] if t.get("legendgroup") == "run"]
    assert runs
    assert all(len(t["y"]) > 50 for t in runs)
    text = json.dumps(made["figure"])
    assert "role:ink" in text
    for mode in style.MODES:
        for role in set(text.split('"role:')[1:]):
            style.colour("role:" + role.partition('"')[0], mode)


def test_the_shipped_numbers_are_those_of_the_present_code():
    from sims.core.prediction import digest, prediction
    from sims.core.setup import prepared

    made = home.reference("opening")
    assert made is not None
    spec = maker.PICTURES[0]
    setup = prepared(api.experiment(spec["experiment"]), preset=spec["preset"], seeds=spec["seeds"])
    foreseen = prediction(setup)
    assert maker._number(foreseen["jump_times"].isel(seed=0).values) == made["predicted"]
    assert setup.schedule.steps == made["steps"]
    assert len(digest(foreseen)) == len(made["prediction_sha256"]) == 64


def test_an_absent_asset_is_named():
    with pytest.raises(FileNotFoundError, match="no asset"):
        asset("reference/none.json")
