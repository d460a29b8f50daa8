"""Each comparator on curves made by hand: exact values, what was not seen, and what is left out."""

import math

import numpy as np
import pytest
import xarray as xr

from sims.compare import (
    NO_SNAPSHOTS,
    absent,
    at_times,
    count,
    crossing,
    falls_through,
    largest_gap,
    level,
    one_sided,
    order,
    slope,
)
from sims.core.claims import compared
from sims.core.experiment import Claim, Compared

NAN, INF = math.nan, math.inf
TIMES = np.array([0.0, 1.0, 2.0, 3.0])
CURVE = np.array([4.0, 3.0, 2.0, 1.0])


def curves(times=TIMES, attrs=None, **values):
    """Variables over records, (record,) or (record, mode)."""
    data = {
        name: (("record", "mode")[: np.ndim(v)], np.asarray(v, float)) for name, v in values.items()
    }
    clock = {"step": ("record", 10 * np.arange(len(times))), "time": ("record", times)}
    return xr.Dataset(data, coords=clock, attrs=attrs or {})


def listed(**values):
    """Variables over modes 1, 2, ..., or numbers."""
    data = {name: (("mode",)[: np.ndim(v)], np.asarray(v, float)) for name, v in values.items()}
    made = xr.Dataset(data)
    return made.assign_coords(mode=np.arange(1, made.sizes["mode"] + 1)) if made.sizes else made


def values(found: Compared) -> tuple[float, float, float, str]:
    return found.predicted, found.measured, found.error, found.where


# largest_gap


@pytest.mark.parametrize(
    ("over", "error", "shown"),
    [
        (1.0, 0.5, 2.0),
        (2.0, 0.25, 2.0),
        ("largest", 0.125, 2.0),
        ("start", 0.125, 2.0),
        ("predicted", 0.25, 2.0),
        ("logarithm", math.log(1.25), 2.0),
        ("decades", math.log10(1.25), 2.0),
        (lambda params, prediction: float(prediction["a"].sum()), 0.05, 2.0),
        (lambda params, prediction: np.array([1.0, 1.0, 10.0, 0.1]), 1.0, 1.0),
    ],
)
def test_the_largest_gap_is_relative_to_what_is_asked(over, error, shown):
    run = curves(a=[4.0, 3.0, 2.5, 1.1])
    found = largest_gap("a", over=over)(None, curves(a=CURVE), run)
    assert found.predicted == shown
    assert found.error == pytest.approx(error, rel=1e-12)


def test_a_gap_of_logarithms_may_be_counted_in_standard_errors():
    errors = np.array([0.1, 0.1, 0.01, 0.1])
    told, run = curves(a=CURVE), curves(a=CURVE * [1, np.e, np.e, 1])
    compare = largest_gap(
        "a", over="logarithm", divided_by=lambda *_: errors, within=lambda *_: TIMES > 0
    )
    assert values(compare(None, told, run)) == (2.0, pytest.approx(2 * np.e), 100, "t = 2")


def test_where_names_step_and_time_and_entry():
    told = curves(a=np.ones((4, 2))).assign_coords(mode=[3, 4])
    run = curves(a=np.ones((4, 2)))
    run["a"].values[2, 1] = 1.5
    gap = largest_gap("a", at="k = {mode} at step {step}, t = {time:3}")
    assert values(gap(None, told, run)) == (1.0, 1.5, 0.5, "k = 4 at step 20, t = 2")
    assert largest_gap("a")(None, told, run).where == "t = 2, mode 4"


def test_of_several_vectors_the_farthest_is_shown_with_its_place():
    told = xr.Dataset({"spots": (("snapshot", "word", "axis"), np.zeros((1, 3, 2)))})
    run = told + np.array([[0.0, 0.0], [4.5, 0.0], [3.0, 4.0]])
    found = largest_gap("spots", vectors="last", at="{word}")(None, told, run)
    assert (found.error, found.measured, found.where) == (5.0, 4.0, "3")


def test_vectors_are_compared_by_their_length_and_show_the_entry_furthest_off():
    told, run = curves(a=np.zeros((4, 2))), curves(a=np.zeros((4, 2)))
    run["a"].values[1] = 3.0, -4.0
    found = largest_gap("a", vectors=True)(None, told, run)
    assert values(found)[:3] == (0.0, -4.0, 5.0)
    shown = largest_gap("a", vectors=True, show="length")(None, told, run)
    assert (shown.predicted, shown.measured) == (0.0, 5.0)
    one = largest_gap("a", vectors=True, over="predicted")(
        None, listed(a=[3.0, 4.0]), listed(a=[3.0, 5.0])
    )
    assert (one.error, one.where) == (0.2, "mode 2")


@pytest.mark.parametrize(
    ("take", "error", "measured"),
    [("largest", 0.4, 1.4), ("mean", 0.25, 1.4), ("median", 0.25, 1.3)],
)
def test_of_all_gaps_one_is_taken(take, error, measured):
    told, run = curves(a=np.ones(4)), curves(a=[1.1, 1.2, 1.3, 1.4])
    found = largest_gap("a", take=take)(None, told, run)
    assert found.error == pytest.approx(error)
    assert found.measured == measured
    rms = largest_gap("a", take="rms")(None, told, run).error
    assert rms == pytest.approx(math.sqrt(0.3 / 4))


def test_a_window_chooses_records_and_what_it_asks_for_beyond_the_run_was_not_seen():
    told, run = curves(a=CURVE), curves(TIMES[:2], a=[4.0, 3.5])
    assert largest_gap("a")(None, told, run).error == 0.5
    early = largest_gap("a", within=lambda _, p, r: r["time"].values < 1)(None, told, run)
    assert early.error == 0
    whole = largest_gap("a", within=lambda _, p, r: p["time"].values < 3)(None, told, run)
    assert whole.error == INF
    assert whole.where == "t = 2"


def test_an_empty_window_or_a_run_without_records_is_not_judged():
    never = largest_gap("a", within=lambda *_: np.zeros(4, bool), empty="nothing is left.")
    found = never(None, curves(a=CURVE), curves(a=CURVE))
    assert math.isnan(found.error)
    assert found.why == "nothing is left."
    none = largest_gap("a")(None, curves(a=CURVE), curves(TIMES[:0], a=[]))
    assert none.why == "no record is left to compare."


def test_what_theory_leaves_open_is_left_out_and_what_was_not_seen_is_infinitely_wrong():
    told, run = listed(a=[1.0, NAN, 3.0]), listed(a=[1.5, 9.0, NAN])
    assert values(largest_gap("a")(None, told, run)) == (
        3.0,
        pytest.approx(NAN, nan_ok=True),
        INF,
        "mode 3",
    )
    skipped = largest_gap("a", unseen="skipped")(None, told, run)
    assert values(skipped) == (1.0, 1.5, 0.5, "mode 1")
    none = largest_gap("a", unseen="skipped", empty="nothing.")(None, told, listed(a=[NAN] * 3))
    assert none.why == "nothing."


def test_a_single_record_is_compared():
    found = largest_gap("a", over="largest")(None, curves(a=CURVE), curves(TIMES[:1], a=[5.0]))
    assert found.error == 0.25


def test_agreement_at_zero_is_no_error_even_relatively():
    told = curves(a=[0.0, 0.0, 1.0, INF])
    assert largest_gap("a", over="predicted")(None, told, told).error == 0


def test_an_end_is_compared_with_the_last_record():
    found = largest_gap("a_final", "a")(None, listed(a_final=[1.0, 2.0]), curves(a=np.ones((4, 2))))
    assert values(found) == (2.0, 1.0, 1.0, "mode 2")


def test_a_place_in_time_may_be_counted_in_other_units():
    told, run = curves(a=CURVE), curves(a=CURVE + np.array([0.0, 0.0, 0.5, 0.0]))
    gap = largest_gap(
        "a", at="τ = {time}", clock=lambda _, prediction: 4 * float(prediction["a"][0])
    )
    assert gap(None, told, run).where == "τ = 0.125"


def test_what_is_not_predicted_or_not_kept_is_not_judged():
    told, run = curves(a=CURVE), curves(b=CURVE)
    assert largest_gap("b")(None, told, run).why == "no b is predicted here."
    assert largest_gap("b", absent=lambda p: f"not for {p}.")("x", told, run).why == "not for x."
    assert largest_gap("a")(None, told, run).why == "a sweep keeps no snapshots."
    shots = {"snapshot_step": ("snapshot", np.zeros(0))}  # as a sweep has them
    assert largest_gap("a")(None, told, run.assign_coords(shots)).why == NO_SNAPSHOTS
    kept = run.assign(c=("snapshot", np.zeros(3)))
    assert largest_gap("a")(None, told, kept).why == "the run has no a."
    assert absent("b", "no b.")(None, told, run) == "no b."
    assert absent("a", "no a.")(None, told, run) == ""


def test_another_guess_is_held_against_the_run_by_the_theorys_rule():
    told, run = curves(a=CURVE), curves(a=[4.0, 3.0, 2.0, 1.5])
    guess = curves(a=np.full(4, 4.0))
    gap = largest_gap("a", over="predicted")
    assert gap(None, told, run).error == 0.5
    assert gap(None, told, run, instead=guess).error == 2.5
    assert (gap.of, gap.unit) == ("a", "relative")


def test_a_scale_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="over='first' is no scale: give a number, a function or"):
        largest_gap("a", over="first")


def test_count_compares_what_the_run_has_counted():
    found = count("a", at="saddle {mode}")(None, listed(a=[3, 2, 1]), listed(a=[3, 1, NAN]))
    assert values(found) == (2.0, 1.0, 1.0, "saddle 2")


# level


def test_a_level_is_the_last_value_or_an_average_of_a_window():
    run = curves(a=[1.0, 2.0, 3.0, 8.0])
    told = listed(a=4.0)
    assert values(level("a")(None, told, run)) == (4.0, 8.0, 1.0, "at the last record")
    late = level("a", within=lambda _, p, r: r["time"].values >= 1, average="mean", over=1.0)
    assert late(None, told, run).error == pytest.approx(1 / 3)
    middle = level(
        "a", within=lambda _, p, r: r["time"].values >= 1, average="median", at="{first}"
    )
    assert (middle(None, told, run).measured, middle(None, told, run).where) == (3.0, "10")


def test_a_level_may_be_a_number_or_follow_from_the_params():
    run = listed(a=1.5)
    assert level(0.0, "a", over=3.0)(None, xr.Dataset(), run).error == 0.5
    twice = level(lambda params, prediction: 2 * params, "a", at=lambda _: "there")
    assert values(twice(1.0, xr.Dataset(), run)) == (2.0, 1.5, 0.25, "there")


def test_a_level_that_is_not_there_is_infinitely_wrong_or_has_a_reason():
    told = listed(a=1.0)
    assert level("a")(None, told, listed(a=NAN)).error == INF
    assert level("a", unseen="it ended early.")(None, told, listed(a=NAN)).why == "it ended early."
    assert level("a", absent="open.")(None, listed(a=INF), listed(a=1.0)).why == "open."
    assert level("a", empty="none.")(None, told, curves(TIMES[:0], a=[])).why == "none."


# at_times


def test_times_are_compared_one_by_one():
    told, run = listed(t=[2.0, 4.0, 8.0]), listed(t=[2.2, 5.0, 8.0])
    assert values(at_times("t", at="t{mode}")(None, told, run)) == (4.0, 5.0, 0.25, "t2")
    first = at_times("t", over=1.0, within=lambda *_: np.array([True, False, False]))
    assert first(None, told, run).error == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("p", "m", "error"), [(INF, NAN, 0.0), (INF, 3.0, INF), (3.0, NAN, INF), (3.0, 3.0, 0.0)]
)
def test_never_agrees_with_never_alone(p, m, error):
    found = at_times("t", at="here", at_never="never", at_missed="missed")
    seen = found(None, listed(t=p), listed(t=m))
    assert seen.error == error
    assert seen.measured == (INF if math.isnan(m) else m)
    assert seen.where == {0.0: "never" if p == INF else "here", INF: "missed"}[error]


def test_what_a_run_is_too_short_for_is_not_held_against_it():
    how = {"until": lambda params, prediction: 10.0, "spare": 0.1, "short": "{end} are too few."}
    times = at_times("t", **how)
    assert times(None, listed(t=9.5), listed(t=NAN)).why == "10 are too few."
    assert times(None, listed(t=9.0), listed(t=NAN)).error == INF
    assert times(None, listed(t=12.0), listed(t=9.0)).error == 0.25
    both = times(None, listed(t=[5.0, 9.5]), listed(t=[5.0, NAN]))
    assert both.error == 0


def test_times_that_say_nothing_have_a_reason():
    times = at_times("t", never="it never comes.", started="it is there already.", empty="none.")
    assert times(None, listed(t=INF), listed(t=NAN)).why == "it never comes."
    assert times(None, listed(t=0.0), listed(t=0.0)).why == "it is there already."
    assert times(None, listed(t=[NAN, NAN]), listed(t=[1.0, 2.0])).why == "none."
    assert math.isnan(times(None, listed(t=[NAN, NAN]), listed(t=[1.0, 2.0])).error)


# order, one_sided, slope, crossing


def test_an_order_counts_the_places_that_differ():
    told = listed(k=[9, 1, 2, 3])
    assert values(order("k")(None, told, told)) == (9.0, 9.0, 0.0, "the first of them")
    swapped = order("k", skip=1)(None, told, listed(k=[0, 1, 3, 2]))
    assert values(swapped) == (2.0, 3.0, 2.0, "the first to differ is number 2")
    assert order("k", skip=1)(None, listed(k=[1]), listed(k=[1])).why


@pytest.mark.parametrize(
    ("side", "m", "error"), [("below", 1.0, 0.5), ("below", 3.0, 1.5), ("above", 4.0, 0.5)]
)
def test_a_bound_holds_up_to_an_error_of_one(side, m, error):
    found = one_sided("b", "a", side=side)(None, listed(b=2.0), listed(a=m))
    assert (found.predicted, found.error) == (2.0, error)


def test_a_bound_on_what_was_not_seen():
    bound = one_sided(1.0, "a", side="above", unseen="it did not drop.")
    assert bound(None, xr.Dataset(), listed(a=NAN)).why == "it did not drop."
    assert one_sided(1.0, "a", side="above")(None, xr.Dataset(), listed(a=0.0)).error == INF
    told = one_sided(1.0, "a", side="above", at=lambda run: f"of {run['a'].size}")
    assert told(None, xr.Dataset(), listed(a=2.0)).where == "of 1"
    assert one_sided(1.0, "a", side="below")(None, xr.Dataset(), curves(a=CURVE)).error == 1.0
    assert (
        one_sided(1.0, "a", side="below")(None, xr.Dataset(), curves(TIMES[:0], a=[])).error == INF
    )


@pytest.mark.parametrize(
    ("side", "guess", "m", "error"),
    [
        ("below", 3.0, 1.0, 2.0),
        ("below", 2.0, 4.0, 0.5),
        ("below", 1.0, 1.0, 0.5),
        ("above", 1.0, 4.0, 2.0),
        ("above", 3.0, 4.0, 0.5),
    ],
)
def test_a_guess_beyond_a_bound_errs_by_the_inverse(side, guess, m, error):
    found = one_sided("b", "a", side=side)(None, listed(b=2.0), listed(a=m), listed(b=guess))
    assert (found.predicted, found.measured, found.error) == (guess, m, error)


def test_slopes_of_logarithms():
    run = curves(a=np.exp(-2 * TIMES))
    against = slope("a", "rate")(None, listed(rate=-1.0), run)
    assert (against.predicted, against.measured) == (-1.0, pytest.approx(-2.0))
    assert against.error == pytest.approx(1.0)
    assert against.where == "from 0 to 3"
    both = slope("a", over=1.0)(None, curves(a=np.exp(-TIMES)), run)
    assert both.error == pytest.approx(1.0)
    few = slope("a", "rate", within=lambda _, p, r: r["time"].values > 1, empty="too few.")
    assert few(None, listed(rate=-1.0), run).why == "too few."


def test_powers_along_a_sweep():
    widths = np.array([16, 64, 256])
    told, seen = (
        xr.Dataset({"R": ("width", 3.0 * widths**p)}, coords={"width": widths})
        for p in (-0.5, -0.4)
    )
    power = slope("R", along="width", logs="both", over=1.0, at="widths {first} to {last}")
    found = power(None, told, seen)
    assert found.error == pytest.approx(0.1)
    assert found.where == "widths 16 to 256"


def test_crossings_of_a_diagram():
    alphas, widths = np.geomspace(0.01, 100, 9), np.array([16, 64])
    change = 1 / (alphas[None, :] * np.sqrt(widths)[:, None])
    told, seen = (
        xr.Dataset(
            {"R": (("width", "alpha"), scale * change)}, coords={"width": widths, "alpha": alphas}
        )
        for scale in (1.0, 10.0)
    )
    contour = crossing("R", through=lambda params: params, along="alpha", at="width {width}")
    found = contour(0.5, told, seen)
    assert found.error == pytest.approx(1.0)
    assert found.predicted == pytest.approx(2 / math.sqrt(32), rel=1e-6)
    assert contour(0.5, told.transpose("alpha", "width"), seen).error == pytest.approx(1.0)
    assert contour(1e-9, told, seen).why == "no crossing on this grid."


def test_the_last_fall_through_a_height_is_found():
    x = np.array([1.0, 10.0, 100.0, 1000.0])
    assert falls_through(x, np.array([10.0, 0.1, 10.0, 0.1]), 1.0) == pytest.approx(10**2.5)
    assert math.isnan(falls_through(x, np.ones(4), 2.0))


# Runs that diverged


def claimed(**how):
    return Claim("a", largest_gap("a"), 0.1, **how)


@pytest.mark.parametrize(
    ("how", "error", "why"),
    [
        ("fails", INF, ""),
        ("not judged", NAN, "the run diverged at step 20."),
        ("judged", 0.0, ""),
    ],
)
def test_a_run_that_diverged_fails_or_is_not_judged_or_is_judged(how, error, why):
    run = curves(TIMES[:2], {"stopped": 20}, a=CURVE[:2])
    found = compared(claimed(on_divergence=how), None, curves(a=CURVE), run)
    assert found.error == pytest.approx(error, nan_ok=True)
    assert found.why == why


def test_a_reason_comes_before_the_comparison_and_waives_a_divergence():
    claim = claimed(unless=(lambda *_: "", lambda *_: "it is night.", lambda *_: "never asked."))
    run = curves(TIMES[:2], {"stopped": 20}, a=CURVE[:2])
    assert compared(claim, None, curves(a=CURVE), run).why == "it is night."
