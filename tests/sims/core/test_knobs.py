import dataclasses
import math

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sims.core.knobs import (
    Scalar,
    axis,
    knob,
    knobs_of,
    parameters,
    parsed,
    validated,
    with_knobs,
    written,
)


@parameters
class Params:
    """Toy knobs."""

    eta: Scalar | None = knob(
        None,
        kind="float",
        label="Learning rate",
        lo=1e-4,
        hi=0.5,
        hard_lo=1e-8,
        hard_hi=2,
        auto=True,
    )
    width: int = knob(4, label="Width", lo=1, hi=64, static=True)
    spectrum: tuple[Scalar, ...] = knob((3.0, 1.0), label="Spectrum", lo=0.1, hi=10)
    init: str = knob("random", label="Start", choices=("random", "aligned"), static=True)
    bias: bool = knob(True, label="Bias", static=True)


KNOBS = knobs_of(Params)


def test_dynamic_knobs_are_leaves_and_static_ones_are_not():
    leaves = jax.tree.leaves(with_knobs(Params(), {"eta": 0.1}))
    assert leaves == [0.1, 3.0, 1.0]


@given(st.floats(1e-8, 2))
def test_every_allowed_number_survives_a_link(value):
    assert parsed(KNOBS["eta"], written(value)) == pytest.approx(value, rel=1e-11)


@pytest.mark.parametrize("text", ["1e-4", "0.0001", "1E-4"])
def test_numbers_may_be_written_either_way(text):
    assert parsed(KNOBS["eta"], text) == 1e-4


@pytest.mark.parametrize("text", ["auto", "", "AUTO"])
def test_auto_is_a_value_of_auto_knobs(text):
    assert parsed(KNOBS["eta"], text) is None
    with pytest.raises(ValueError, match="width"):
        parsed(KNOBS["width"], text)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("eta", "nan", "from 1e-8 to 2"),
        ("eta", "inf", "from 1e-8 to 2"),
        ("eta", "3", "from 1e-8 to 2"),
        ("eta", "quick", "from 1e-8 to 2"),
        ("eta", [1], "from 1e-8 to 2"),
        ("width", "2.5", "whole number from 1 to 64"),
        ("width", "1e9", "whole number from 1 to 64"),
        ("width", True, "whole number"),
        ("spectrum", "5,,3", "separated by commas"),
        ("spectrum", "", "separated by commas"),
        ("spectrum", "5,-1", "0.1 to 10"),
        ("init", "rand", "random or aligned"),
        ("bias", "yes", "true or false"),
    ],
)
def test_a_bad_value_gets_one_sentence_with_the_allowed_range(name, value, allowed):
    with pytest.raises(ValueError, match=name) as refused:
        with_knobs(Params(), {name: value})
    assert allowed in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_knob_is_named_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean width"):
        with_knobs(Params(), {"widht": 3})


def test_validated_turns_numpy_into_plain_values():
    params = validated(dataclasses.replace(Params(), eta=np.float64(0.1), width=np.int64(3)))
    assert (params.eta, params.width) == (0.1, 3)
    assert type(params.width) is int


def test_axes_are_ranges_or_lists():
    np.testing.assert_allclose(axis(KNOBS["eta"], "1e-3:1e-1:3:log"), [1e-3, 1e-2, 1e-1])
    np.testing.assert_allclose(axis(KNOBS["eta"], "0.1:0.3:3"), [0.1, 0.2, 0.3])
    assert axis(KNOBS["width"], "1:4:10").tolist() == [1, 2, 3, 4]
    assert axis(KNOBS["width"], "2,8").tolist() == [2, 8]


@pytest.mark.parametrize(
    "text", ["1:2", "1:2:x", "0:1:3:log", "1:2:3:lin", "auto", "1:9:3", "1:2:0", "inf:1:3",
     "0.1:nan:3", "0.01:inf:3:log", "-1e308:1e308:3", "0.1,0.2,0.1", "0.1:0.1:2"]
)  # fmt: skip
def test_a_malformed_axis_is_refused(text):
    with pytest.raises(ValueError, match="eta"):
        axis(KNOBS["eta"], text)


def test_a_list_is_no_axis():
    with pytest.raises(ValueError, match="cannot be a sweep axis"):
        axis(KNOBS["spectrum"], "1,2")


@pytest.mark.parametrize("value", [None, True, False, 3, 0.1, 1e-300, (5.0, 3.0, 1.8), "relu"])
def test_written_values_are_plain_text(value):
    assert " " not in written(value)
    assert not math.isnan(len(written(value)))
