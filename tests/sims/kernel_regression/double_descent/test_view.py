import math

import pytest

from sims.core.study import Study
from sims.kernel_regression.double_descent import EXPERIMENT, view
from sims.view.known import Known


@pytest.mark.parametrize(
    ("knobs", "neurons"), [({}, 100), ({"ridge": 1e-3}, 90), ({"tune": True}, math.nan)], ids=str
)
def test_a_peak_is_dotted_where_it_stands_above_both_of_its_sides(knobs, neurons):
    known = Known(Study(EXPERIMENT, knobs).predict())
    assert view.peak(known) == pytest.approx(neurons, nan_ok=True)
    assert view.place(known) == ("no peak" if math.isnan(neurons) else f"at {neurons} neurons")
