"""Powers that follow from powers, against stated ones."""

import math

import pytest

from sims.width_transfer.coordinate_check.scales import (
    KINDS,
    PARAMETERISATIONS,
    Powers,
    changes,
    kind,
    named,
)

ZERO = (0.0, 0.0, 0.0)
HALF_WAY = Powers(ZERO, (0, 0.5, 0.75), (-0.5, 0.5, 1))
UNSTABLE = Powers(ZERO, (0, 0.5, 0.5), (0.5, 0.5, 0.5))


def of(powers, optimizer="gd", depth=3, *, is_first=True):
    return changes(powers, depth, optimizer, is_first=is_first)


@pytest.mark.parametrize(
    ("powers", "optimizer", "told", "ends"),
    [
        (named("sp", "gd", 3), "gd", [-1.5, -0.5, -0.5, 0], "kernel"),
        (named("ntk", "adam", 3), "adam", [-1, -0.5, -0.5, 0], "kernel"),
        (HALF_WAY, "gd", [-0.25, -0.25, -0.25, 0], "kernel"),
        (UNSTABLE, "gd", [-1, 0, 0, 0.5], "unstable"),
    ],
)
def test_first_steps_have_the_stated_powers(powers, optimizer, told, ends):
    assert of(powers, optimizer).powers == told
    assert KINDS[kind(powers, 3, optimizer)] == ends


@pytest.mark.parametrize("optimizer", ["gd", "adam"])
@pytest.mark.parametrize("depth", [1, 2, 5])
def test_a_named_scaling_never_grows_and_its_output_always_learns(optimizer, depth):
    for name in PARAMETERISATIONS:
        powers = named(name, optimizer, depth)
        for is_first in (True, False):
            found = of(powers, optimizer, depth, is_first=is_first)
            assert max(found.powers) == found.powers[-1] == 0, name
        learned = {"mup": "feature learning", "mean_field": "feature learning"}
        is_kernel = name not in learned or (name, depth) != (name, depth)
        assert is_kernel == (KINDS[kind(powers, depth, optimizer)] == "kernel"), name


@pytest.mark.parametrize("optimizer", ["gd", "adam"])
def test_in_mup_every_layer_moves_at_every_width(optimizer):
    assert of(named("mup", optimizer, 4), optimizer, 4).powers == [0] * 5


def test_the_next_power_is_known_too():
    assert of(named("ntk", "adam", 3), "adam").gaps == [math.inf, 0.5, 0.5, 0.5]
    assert of(named("sp", "adam", 3), "adam").gaps == [math.inf, 1, 1, 0.5]


@pytest.mark.parametrize(
    ("powers", "kept"),
    [(named("sp", "gd", 3), 0.5), (named("ntk", "gd", 3), 0.5), (named("mup", "gd", 3), 0),
     (HALF_WAY, 0.25), (UNSTABLE, 0)],
)  # fmt: skip
def test_what_comes_back_changes_less_than_it_was_in_the_kernel_limit_alone(powers, kept):
    assert of(powers, is_first=False).kept == kept
    assert of(powers, "adam", is_first=False).kept == math.inf


def test_a_scaling_that_does_not_learn_is_trivial():
    lazy = named("sp", "gd", 3)._replace(c=(2, 2, 2))
    assert KINDS[kind(lazy, 3, "gd")] == "trivial"


def test_signals_that_shrink_from_layer_to_layer_are_unstable():
    assert KINDS[kind(Powers(ZERO, (0, 1, 0.5), (1, 1, 1)), 3, "gd")] == "unstable"
    assert KINDS[kind(Powers(ZERO, (0.25, 0.5, 0.5), (1, 1, 1)), 3, "gd")] == "unstable"
