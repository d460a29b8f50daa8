"""Data of one's own: what is taken, what is refused in one sentence, and how they are named."""

import gc
import re
import threading

import numpy as np
import pytest

from sims.core import own_data
from sims.core.cache import Cache
from sims.core.knobs import allowed, axis, knob, knobs_of, parameters, parsed

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((12, 3)), np.arange(12) % 3


@parameters
class Params:
    data: str = knob("usual", label="Data", choices=("usual",), static=True, own=True)
    other: str = knob("usual", label="Other", choices=("usual",), static=True)


DATA, OTHER = knobs_of(Params)["data"], knobs_of(Params)["other"]


def with_entry(value):
    changed = X.copy()
    changed[4, 1] = value
    return changed


def with_constant(*columns):
    changed = X.copy()
    changed[:, columns] = 7.0
    return changed


BAD = {
    "NaN": (with_entry(np.nan), Y, "X is missing (NaN) in row 5, column 2: give finite numbers"),
    "infinite": (with_entry(np.inf), Y, "X is inf in row 5, column 2"),
    "huge": (with_entry(1e300), Y, "X is 1e+300 in row 5, column 2"),
    "NaN in y": (X, np.where(Y == 1, np.nan, Y), "y is missing (NaN) in row 2"),
    "a constant column": (with_constant(1), Y, "Column 2 of X is constant: leave it out."),
    "constant columns": (with_constant(0, 2), Y, "2 columns of X are constant (1, 3)"),
    "one class": (X, np.ones(12), "y is the same for every sample: give at least two"),
    "a row of numbers": (X[0], Y, "X has the shape (3,)"),
    "y of two columns": (X, np.stack([Y, Y], 1), "y (12, 2): give X (samples, features)"),
    "lengths that differ": (X, Y[:-1], "X has 12 rows and y 11 entries"),
    "ragged": ([[1, 2], [3]], [0, 1], "The rows of X differ in length"),
    "text": ([["a", "b"]] * 4, [0, 1, 0, 1], "X holds text: give numbers."),
    "objects": (np.array([[None]] * 4), [0, 1, 0, 1], "X holds values of type object"),
    "nothing": (np.zeros((0, 2)), np.zeros(0), "The data have 0 samples: give 4 to 100000."),
    "ten million rows": (
        np.broadcast_to(0.0, (10**7, 1)), np.broadcast_to(0.0, 10**7),
        "The data have 10000000 samples: give 4 to 100000.",
    ),
    "too wide": (np.zeros((4, 1025)), [0, 1, 0, 1], "1025 features: give 1 to 1024"),
    "too much": (np.zeros((50_000, 50)), np.zeros(50_000), "at most 2000000, here 40000 samples"),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_learned_from_is_refused_in_one_sentence(bad):
    inputs, targets, said = BAD[bad]
    with pytest.raises(ValueError, match=re.escape(said)) as refused:
        own_data.keep(inputs, targets)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 160


def test_a_name_follows_from_the_numbers_alone():
    value = own_data.keep(X, Y).value
    assert value == own_data.keep(X.tolist(), Y.tolist()).value
    assert value == own_data.keep(np.asfortranarray(X), Y.astype(np.int8)).value
    assert value != own_data.keep(X + 1e-12, Y).value
    assert value != own_data.keep(X, Y + 1).value
    assert value == "own:c04e14ba83763ec8"


def test_nobody_can_write_to_data_that_are_kept():
    mine = X.copy()
    kept = own_data.keep(mine, Y)
    mine[:] = 0
    assert np.array_equal(kept.X, X)
    with pytest.raises(ValueError, match="read-only"):
        kept.X[0, 0] = 1.0


def test_a_knob_that_takes_them_takes_arrays_and_their_name():
    value = parsed(DATA, (X, Y))
    assert parsed(DATA, f" {value} ") == value
    assert parsed(DATA, "usual") == "usual"
    assert "data of one's own (X, y)" in allowed(DATA)
    with pytest.raises(ValueError, match="not allowed: give usual"):
        parsed(OTHER, value)
    with pytest.raises(ValueError, match="no value of the sweep axis data"):
        axis(DATA, ["usual", value])


def test_data_that_are_not_here_are_named_in_a_sentence_that_says_how_to_give_them():
    with pytest.raises(own_data.NotHere, match="data = own:0123456789abcdef are data of one's own"):
        parsed(DATA, "own:0123456789abcdef")


def test_few_values_are_classes_in_their_order():
    found = own_data.keep(X, np.where(Y == 0, 7.5, -Y))
    assert found.is_classes
    assert np.array_equal(found.labels(), np.where(Y == 0, 2, 2 - Y))
    many = own_data.keep(X, np.arange(12))
    assert not many.is_classes
    with pytest.raises(ValueError, match="12 different values, which are no classes: give 2 to 10"):
        many.labels()


def test_what_others_push_out_is_still_found_by_who_holds_it(monkeypatch):
    few: Cache[own_data.OwnData] = Cache(1, 10**9, lambda data: data.nbytes)
    monkeypatch.setattr(own_data, "_kept", few)
    held = own_data.keep(X + 1, Y)
    name = own_data.keep(X + 2, Y).value
    own_data.keep(X + 3, Y)
    assert own_data.of(held.value) is held
    gc.collect()
    with pytest.raises(own_data.NotHere):
        own_data.of(name)


def test_threads_that_give_the_same_data_at_once_get_the_same_object(monkeypatch):
    gate, checked = threading.Barrier(4), own_data._check_values

    def late(*arrays):
        checked(*arrays)
        gate.wait(5)  # all have checked before any keeps

    monkeypatch.setattr(own_data, "_check_values", late)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(own_data.keep(X + 5, Y))) for _ in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 4
    assert len({id(data) for data in found}) == 1
