import numpy as np
import pytest
import xarray as xr

from app.live.messages.judgement import _guess_text, _skill, headline


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        (["lands"] * 4, "All four claims land"),
        (["lands", "departs", "departs", "departs"], "One claim lands, three depart as foreseen"),
        (["lands"] * 2, "Both claims land"),
        (["lands", "lands", "not judged"], "Two claims land; one is not judged"),
        (["lands", *["not judged"] * 6], "One claim lands; six are not judged"),
        (
            ["lands", "departs", "not judged"],
            "One claim lands, one departs as foreseen; one is not judged",
        ),
        (["departs"], "One claim departs as foreseen"),
        (["departs", "departs"], "Both claims depart as foreseen"),
        (["lands"], "One claim lands"),
        (["not judged"], "No claim is judged here"),
    ],
)
def test_the_headline_counts_the_verdicts(verdicts, sentence):
    assert headline(verdicts) == sentence


def test_a_single_surprise_is_named_with_its_error():
    claims = [{"title": "Jump times", "error_text": "3 %"}]
    assert headline(["surprise"], claims) == "A surprise: jump times off by 3 %"


def row(**numbers: float) -> xr.Dataset:
    """A claim's row of one seed."""
    made = {name: ("seed", [value]) for name, value in numbers.items()}
    return xr.Dataset({**made, "worst_seed": 0}, coords={"seed": [0]})


@pytest.mark.parametrize(
    ("off", "words"), [(0.25, "guess off by 0.25"), (np.inf, "the guess: never"), (np.nan, "")]
)
def test_the_guess_is_told_beside_the_error(off, words):
    assert _guess_text(row(baseline_error=off), relative=False) == words


@pytest.mark.parametrize(
    ("skill", "told"), [(0.9, 0.9), (-3.0, -3.0), (-np.inf, None), (np.nan, None)]
)
def test_a_skill_that_no_browser_can_read_is_left_out(skill, told):
    assert _skill(row(skill=skill)) == told
