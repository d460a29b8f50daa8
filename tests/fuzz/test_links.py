"""Ten thousand links of every kind: a value, or one sentence that refuses it."""

import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import share
from app.typed import COUNTS
from sims import api
from sims.core.knobs import knobs_of
from sims.core.setup import given as settled
from tests.fuzz.nonsense import text

EXAMPLES, EACH = 500 if os.environ.get("CI") else 50, 20
"""Seeds, and links made from each."""
EXPERIMENTS = api.experiments()


def link(drawn: random.Random):
    """An experiment and a raw query, with its own knobs, reserved words and nonsense."""
    experiment = drawn.choice(EXPERIMENTS)
    names = [*knobs_of(experiment.Params), *share.OURS, "preset", "hero", "lock", text(drawn)]
    chosen = drawn.sample(names, drawn.randint(0, min(6, len(names))))
    return experiment, {name: text(drawn) for name in chosen}


def is_a_sentence(said: str) -> bool:
    return 0 < len(said) < 600 and "\n" not in said and "Traceback" not in said


def checked(experiment, values):
    """The knobs as a page takes them, or None and the sentence that refuses them."""
    try:
        return settled(experiment, values), ""
    except ValueError as error:
        return None, str(error)


@settings(max_examples=EXAMPLES, deadline=None, print_blob=True)
@given(st.integers(0, 2**32 - 1))
def test_a_link_gives_values_or_one_sentence_for_each_refused(seed):
    drawn = random.Random(seed)
    for _ in range(EACH):
        experiment, query = link(drawn)
        values, counts, refused = share.read(experiment, query)
        assert all(is_a_sentence(said) for said in refused), (query, refused)
        assert set(counts) <= set(COUNTS)
        params, said = checked(experiment, values)
        assert params is not None or is_a_sentence(said), (query, said)
        if params is not None:
            seeds = counts.get("seed", 0), counts.get("seeds", 1)
            assert "\n" not in share.permalink(params, *seeds)


@pytest.mark.parametrize("typed", ["1e400", "nan", "9" * 5000, "\x00", "½"])
def test_the_oddest_numbers_are_refused_for_every_knob(typed):
    for experiment in EXPERIMENTS:
        numeric = [n for n, k in knobs_of(experiment.Params).items() if k.kind in ("float", "int")]
        _, _, refused = share.read(experiment, {name: typed for name in numeric})  # noqa: C420
        assert len(refused) == len(numeric), experiment.name
        assert all(is_a_sentence(said) for said in refused)
