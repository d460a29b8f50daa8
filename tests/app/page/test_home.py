import pytest

from app.assets import asset
from app.page import home
from app.page.experiment import url_path
from sims import api
from sims.core.evidence import by_body
from sims.core.setup import given


def test_every_phenomenon_asks_a_question():
    assert all(p.question.endswith("?") for p in api.phenomena())


def test_the_places_of_the_map_are_told_apart():
    titles = [body.title for body, _ in by_body(api.phenomena())]
    titles += [p.title for p in api.phenomena()]
    assert len({home.slug(title) for title in titles}) == len(titles)


@pytest.mark.parametrize(
    "experiment", [e for p in api.phenomena() for e in p.experiments], ids=lambda e: e.name
)
def test_every_experiment_has_a_card_with_a_real_picture(experiment):
    made = home.reference(url_path(experiment))
    assert made is not None
    assert made["experiment"] == experiment.name
    has_numbers = {bool(made[key]) for key in ("predicted", "measured", "compared")}
    assert has_numbers == {bool(experiment.claims or experiment.sweep_claims)}


def test_the_opening_picture_is_the_run_of_its_shipped_preset(hub, monkeypatch):
    monkeypatch.setattr(home, "owner", lambda: "me")
    monkeypatch.setattr(home, "device", lambda: "cpu")
    made = home.reference("opening")
    assert made is not None
    assert home._token(made) == "token1"
    (recipe,) = hub.submitted
    experiment = api.experiment(made["experiment"])
    preset = experiment.preset(made["preset"])
    assert recipe.seeds == made["seeds"]
    assert given(experiment, recipe.values) == given(experiment, preset.params)


def test_an_experiment_without_that_preset_is_not_run_for_the_opening(hub):
    made = home.reference("opening")
    assert made is not None
    assert home._token({**made, "preset": "none"}) == ""
    assert hub.submitted == []


def test_an_absent_asset_is_named():
    with pytest.raises(FileNotFoundError, match="no asset"):
        asset("reference/none.json")


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("share of outputs that are right", "share of outputs<br>that are right"),
        ("loss <i class='of time'>L</i>", "loss <i class='of time'>L</i>"),
        ("change of the features <i a='b c'>R</i>", "change of the<br>features <i a='b c'>R</i>"),
        ("incomprehensibilities-of-any-kind", "incomprehensibilities-of-any-kind"),
    ],
)
def test_a_long_title_beside_a_small_picture_stands_on_two_lines(title, lines):
    assert home.on_two_lines(title) == lines
