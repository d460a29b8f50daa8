import numpy as np
import xarray as xr

from sims.view.known import Known

WHOLE = xr.Dataset(
    {"a": (("seed", "record"), np.arange(4.0).reshape(2, 2), {"unit": 3.0}), "b": 2.0},
    attrs={"c": 1.0},
)


def test_what_is_read_is_told_also_where_it_was_read_before():
    known = Known(WHOLE)
    with known.reading() as around:
        assert known["a"].size == 2
        with known.reading() as within:
            assert [known["b"], known["a.unit"], known["c"]] == [2.0, 3.0, 1.0]
    assert within == {"a", "b", "c"}
    assert around == {"a", "b", "c"}
    with known.reading() as again:
        known.get("b")
        known.get("missing")
    assert again == {"b", "missing"}


def test_names_that_are_kept_count_as_read_again():
    known = Known(WHOLE)
    with known.reading() as read:
        known.read_again({"a"})
    assert read == {"a"}


def test_what_is_given_instead_is_read_in_place_of_the_prediction():
    known = Known(WHOLE, instead={"b": xr.Variable(("seed", "mode"), [[5.0, 6.0], [7.0, 8.0]])})
    np.testing.assert_array_equal(known["b"], [5, 6])
    np.testing.assert_array_equal(known["a"], [0, 1])
    assert known.whole is WHOLE
