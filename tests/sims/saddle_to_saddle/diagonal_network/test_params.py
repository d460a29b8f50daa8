import pytest

from sims.core.study import Study
from sims.saddle_to_saddle.diagonal_network import EXPERIMENT


def params(**knobs):
    return Study(EXPERIMENT, knobs).setup.params


def test_sizes_follow_from_the_design():
    assert (params().n, params().d) == (8, 20)
    orthogonal = params(design="orthogonal")
    assert (orthogonal.n, orthogonal.d) == (12, 5)
    assert params(design="orthogonal", d=20).n == 20
    assert params(design="orthogonal", n=3).d == 3
    fixed = params(design="drops_a_feature")
    assert (fixed.n, fixed.d) == (3, 4)


def test_fixed_designs_ignore_the_sizes_and_say_so():
    setup = Study(EXPERIMENT, {"design": "near_degenerate", "n": 30}).setup
    assert setup.tasks[0]["X"].shape == (3, 5)
    assert len(setup.notices) == 1
    assert "ignored" in setup.notices[0]
    assert Study(EXPERIMENT, {"design": "near_degenerate"}).setup.notices == []


def test_horizon_is_a_third_longer_than_it_takes_to_learn():
    found = Study(EXPERIMENT, {"design": "orthogonal"}).setup
    assert float(found.params.horizon) == pytest.approx(1.3 * 2 * 230.2585 + 5, rel=1e-4)


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"design": "orthogonal", "n": 4, "d": 5}, "n of at least d"),
        ({"eta": 1e-4, "alpha": 1e-300}, "more than 2000000"),
        ({"horizon": 1e6, "eta": 1e-3}, "more than 2000000"),
        ({"alpha": 0.5}, "alpha"),
        ({"alpha": 0}, "alpha"),
        ({"eta": 0.1}, "eta"),
        ({"d": 1}, "d = 1"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words) as refused:
        params(**knobs)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_refused_length_names_values_that_fit():
    with pytest.raises(ValueError, match="give eta of at least") as refused:
        params(eta=5e-4)
    words = str(refused.value)
    eta = float(words.split("at least ")[1].split(",")[0])
    alpha = float(words.split("at least ")[2].rstrip("."))
    assert params(eta=eta).eta == eta
    assert params(eta=5e-4, alpha=alpha).alpha == alpha


def test_resolved_params_resolve_to_themselves():
    found = Study(EXPERIMENT, {"design": "drops_a_feature", "alpha": 1e-60}).setup
    again = Study(
        EXPERIMENT,
        {k: getattr(found.params, k) for k in ("design", "n", "d", "alpha", "eta", "horizon")},
    ).setup
    assert again.params == found.params
    assert again.notices == []
