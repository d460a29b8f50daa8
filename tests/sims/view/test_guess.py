"""A reader's guess as a link keeps it: a number or a curve, and one sentence for all else."""

import pytest

from sims.view.guess import MOST_CHARACTERS, MOST_KNOTS, guess_of


@pytest.mark.parametrize(("text", "number"), [("2.06", 2.06), ("-3e-7", -3e-7), ("0", 0.0)])
def test_a_number_is_read(text: str, number: float) -> None:
    assert guess_of(text) == number


def test_a_curve_is_its_points() -> None:
    assert guess_of("0:1,5:0.2,7.5:-1") == [(0.0, 1.0), (5.0, 0.2), (7.5, -1.0)]


@pytest.mark.parametrize(
    "text",
    [
        "", "Jane", "nan", "inf", "-inf", "1e400", "0:1", "0:1,0:2", "1:1,0:2", "0:1,1:nan",
        "0:1,1:2:3", "1\n2", "0:1,,2:3", "0:1;2:3", "1" * (MOST_CHARACTERS + 1),
        ",".join(f"{i}:1" for i in range(MOST_KNOTS + 1)),
    ],
)  # fmt: skip
def test_all_else_is_refused_in_one_short_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="give a number") as refused:
        guess_of(text)
    assert len(str(refused.value)) < 250
    assert "\n" not in str(refused.value)
