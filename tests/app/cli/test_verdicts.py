"""What is printed of a judgement."""

import io

import pytest
from rich.console import Console

from app.cli.verdicts import print_assumptions


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "nothing is assumed"),
        (1, "the one assumption holds"),
        (2, "both assumptions hold"),
        (3, "all 3 assumptions hold"),
    ],
)
def test_assumptions_that_hold_are_counted_in_words(count: int, words: str):
    said = io.StringIO()
    print_assumptions(Console(file=said), [("small", "It is small.", True)] * count)
    assert said.getvalue().split("\n")[1] == f"✓ {words}"
