"""Settings in words, and the shortest link to them."""

from urllib.parse import parse_qsl, urlsplit

import numpy as np

from app.handout import settings
from app.handout.settings import Axis
from app.wanted import page
from sims import api
from sims.core import own_data
from sims.core.study import Study


def setup(name="saddle_to_saddle/linear_network", seed=None, seeds=1, **values):
    return Study(api.experiment(name), values, seed=seed, seeds=seeds).setup


def test_only_what_somebody_set_is_named():
    assert settings.words(setup(), {}) == ["all at their defaults", "seed 0"]
    said = settings.words(setup(alpha=1e-6, seeds=3), {})
    assert said == [r"initial scale $\alpha$ = 10⁻⁶", "seeds 0 to 2"]


def test_what_follows_from_other_knobs_is_not_named_and_what_was_set_instead_is():
    name = "neural_collapse/free_features"
    assert settings.changed(setup(name)) == {}
    assert set(settings.changed(setup(name, classes=3))) == {"classes"}
    assert settings.changed(setup(name, lambda_h=0.05)) == {"lambda_h": 0.05}


def test_a_link_names_what_was_set_and_leads_back_to_the_same_settings():
    made = setup(alpha=1e-6, spectrum=(4, 2), seed=7, seeds=2)
    link = settings.link(made, "https://host/maths/", {})
    assert link.startswith("https://host/maths/saddle_to_saddle-linear_network?")
    assert set(dict(parse_qsl(urlsplit(link).query))) == {"alpha", "spectrum", "seed", "seeds", "v"}
    again = page(link)
    study = again.study()
    assert study.setup.params == made.params
    np.testing.assert_array_equal(study.setup.seeds, made.seeds)


def test_a_link_to_the_defaults_has_no_query():
    assert (
        settings.link(setup(), "http://host", {}) == "http://host/saddle_to_saddle-linear_network"
    )


def test_the_command_of_a_sweep_names_its_axes():
    over = {"alpha": Axis.of(np.geomspace(1e-7, 1e-2, 12))}
    said = settings.command(setup(), "saddle_to_saddle/linear_network", over)
    assert said == "lmx sweep saddle_to_saddle/linear_network --over alpha=1e-7:0.01:12:log"


def test_the_command_of_a_run_on_data_of_ones_own_asks_for_the_file():
    rng = np.random.default_rng(0)
    own = own_data.keep(rng.standard_normal((40, 3)), rng.standard_normal(40))
    said = settings.command(setup("lazy_rich/two_layer_network", data=own.value), "it", {})
    assert said == "lmx run it --data FILE"


def test_a_source_names_its_authors_in_short():
    assert settings.source(api.experiment("saddle_to_saddle/diagonal_network")) == (
        "S. Pesme and N. Flammarion 2023, arXiv 2304.00488"
    )
    assert settings.source(api.experiment("lazy_rich/parity")).startswith("L. Chizat and others")
