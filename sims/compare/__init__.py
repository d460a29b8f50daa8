"""How a claim compares a run with its prediction: functions that make a claim's `compare`.

    Claim("beta", largest_gap("beta", over="largest"), tolerance=0.01)

Each gives the predicted and the measured value at the point it is about, the error, and where that
point is. The rules they share:

- `predicted` names a variable of the prediction, `measured` one of the run, if it has another name.
- A curve is compared at the records (or snapshots) the run has. Against a prediction without such
  an axis the run's last record counts.
- `over` says what an error is relative to: a number; "predicted", |m/p - 1|; "largest", the largest
  |p| that is compared; "start", |p| at the first record; "logarithm", |ln m/p|; "decades",
  |log10 m/p|; or (params, prediction) -> number or array.
- `within` is (params, prediction, run) -> mask over the leading axis. Records it asks for that the
  run does not have count as not seen.
- What the theory leaves open (NaN) is left out. What was not seen in the run (NaN) is infinitely
  wrong, or is left out where `unseen="skipped"`.
- `at` is the text for where, with the names of axes in braces, such as "k = {mode}, t = {time:4}";
  `step` and `time` too, `n` for the number of points that were compared. A number behind a colon is
  that of significant digits.
- `absent` is why nothing is compared where nothing is predicted, `empty` where nothing is left.
"""

from sims.compare.events import at_times, crossing, crossings, falls_through
from sims.compare.gaps import count, largest_gap
from sims.compare.numbers import level, one_sided, order, slope
from sims.compare.points import NO_SNAPSHOTS, absent
from sims.core.comparison import Comparison

__all__ = [
    "NO_SNAPSHOTS", "Comparison", "absent", "at_times", "count", "crossing", "crossings",
    "falls_through", "largest_gap", "level", "one_sided", "order", "slope",
]  # fmt: skip
