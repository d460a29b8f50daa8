"""Verdicts: each claim's error against a tolerance that was stated before the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from sims.core.arithmetic import theory_arithmetic
from sims.core.baseline import apart, guess_of
from sims.core.comparison import Comparison
from sims.core.experiment import (
    Assumption,
    Claim,
    Compared,
    Experiment,
    SweepClaim,
    Verdict,
    not_compared,
)
from sims.core.prediction import of_seed
from sims.core.sentences import said
from sims.core.setup import Setup
from sims.core.wrong_theory import noticed

SHARP = 1.25
"""A theory 10 % wrong must be off by so many tolerances, or a landing says too little."""
SEVERITY: tuple[Verdict, ...] = ("surprise", "departs", "lands")


def verdict(error: float, tolerance: float, broken: list[Assumption]) -> Verdict:
    """Lands within the tolerance; departs if a relied-on assumption is broken, else surprise."""
    if np.isnan(error):
        return "not judged"
    if error <= tolerance:
        return "lands"
    return "departs" if broken else "surprise"


def before(setup: Setup, prediction: xr.Dataset) -> tuple[list[Assumption], dict[str, float]]:
    """What is known before the run: assumptions (worst seed of each) and largest tolerances."""
    seeds = range(min(len(setup.tasks), max(1, prediction.sizes.get("seed", 1))))
    slices = [of_seed(prediction, i) for i in seeds]
    evaluate = setup.experiment.evaluate_assumptions
    listed = [evaluate(setup.params, setup.tasks[i], slices[i]) for i in seeds]
    tolerances = {
        claim.name: max(tolerance_of(claim, setup.params, one) for one in slices)
        for claim in setup.experiment.claims
    }
    return worst(listed), tolerances


def tolerance_of(claim: Claim, params: Any, prediction: xr.Dataset) -> float:
    """What one seed's prediction allows; NaN while what the claim is about is absent."""
    allowed = claim.tolerance
    assert allowed is not None
    try:
        return float(allowed(params, prediction) if callable(allowed) else allowed)
    except KeyError:
        return float("nan")


def untested(claim: Claim, params: Any, prediction: xr.Dataset, tolerance: float) -> str:
    """Why one seed's claim is no test, if a guess without theory would land too; else ''.

    Theory and guess must differ by more than twice the tolerance, by the claim's own measure.
    """
    gap, guess, theory = apart(claim, params, prediction)
    if claim.baseline is None or not gap <= 2 * tolerance:
        return ""
    is_bound = isinstance(claim.compare, Comparison) and claim.compare.side
    both = "on the same side of the bound" if is_bound else _both_say(guess, theory)
    return f"a guess without theory would land too: {claim.baseline.words}, {both}."


def blunt(claim: Claim, params: Any, prediction: xr.Dataset, tolerance: float) -> str:
    """Why a landing would say too little, if a theory 10 % wrong would nearly land too; else ''.

    A departure counts all the same: to miss a blunt test says more, not less. Exponents and
    boundaries of a sweep are held against their guess alone.
    """
    if not claim.sees_ten_percent or isinstance(claim, SweepClaim):
        return ""
    gap = noticed(claim, params, prediction)
    if not gap <= SHARP * tolerance:
        return ""
    return "a theory that is 10 % wrong would nearly land too; only a departure would count."


def _both_say(guess: float, theory: float) -> str:
    """What guess and theory come to, in as many digits as tell them apart, at most four."""
    if np.isinf(guess) and np.isinf(theory):
        return "as theory does"
    pairs = ((said(guess, digits), said(theory, digits)) for digits in (2, 3, 4))
    one, other = next((pair for pair in pairs if pair[0] != pair[1]), (said(theory, 2),) * 2)
    return f"both say {one}" if one == other else f"which says {one} where theory says {other}"


def not_tests(
    setup: Setup, prediction: xr.Dataset, claims: Sequence[Claim] | None = None
) -> dict[str, str]:
    """By claim why it will not be judged, known before the run; of the first seed.

    Of a sweep `claims` are its own.
    """
    first, params = of_seed(prediction, 0), setup.params
    asked = setup.experiment.claims if claims is None else claims
    found = {}
    for claim in asked:
        about = claim, params, first, tolerance_of(claim, params, first)
        found[claim.name] = untested(*about) or blunt(*about)
    return {name: why for name, why in found.items() if why}


def worst(listed: list[list[Assumption]]) -> list[Assumption]:
    """Of every assumption the seed that breaks it, or else the first, in the order declared."""
    names = dict.fromkeys(a.name for seed in listed for a in seed)
    found = []
    for name in names:
        same = [a for seed in listed for a in seed if a.name == name]
        broken = [a for a in same if not a.held]
        found.append(max(broken or same, key=lambda a: abs(np.nan_to_num(a.value))))
    return found


def compared(claim: Claim, params: Any, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """What a claim compares in one seed, or why it does not."""
    stopped = run.attrs.get("stopped", -1)
    if stopped >= 0 and claim.on_divergence == "not judged":
        return not_compared(f"the run diverged at step {stopped}.")
    why = next((said for reason in claim.unless if (said := reason(params, prediction, run))), "")
    found = not_compared(why) if why else claim.compare(params, prediction, run)
    waived = claim.on_divergence == "judged" or (np.isnan(found.error) and found.why)
    if stopped >= 0 and not waived:
        return Compared(found.predicted, np.nan, np.inf, f"stopped at step {stopped}")
    return found


def judge(setup: Setup, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """The claims group of the file: verdict, reason, predicted, measured, error, tolerance, skill.

    Each seed is judged with its own tolerance and assumptions; the verdict is the first of
    surprise, departs, lands among the seeds.
    """
    experiment: Experiment = setup.experiment
    seeds = range(len(setup.tasks))
    slices = [of_seed(prediction, i) for i in seeds]
    listed = [
        experiment.evaluate_assumptions(setup.params, t, p)
        for t, p in zip(setup.tasks, slices, strict=True)
    ]
    runs = [of_seed(run, i) for i in seeds]
    for seed, one in zip(setup.seeds, runs, strict=True):
        one.attrs = {**run.attrs, "stopped": run.attrs.get(f"stopped_{seed}", -1)}
    with theory_arithmetic():
        rows = [_judged(claim, setup, slices, runs, listed) for claim in experiment.claims]
    assumptions = worst(listed)
    return xr.Dataset(
        {
            **_columns(rows, "claim", len(setup.seeds)),
            "held": ("assumption", np.array([a.held for a in assumptions], bool)),
            "sentence": ("assumption", np.array([a.sentence for a in assumptions], object)),
        },
        coords={
            "claim": np.array([c.name for c in experiment.claims], object),
            "assumption": np.array([a.name for a in assumptions], object),
            "seed": setup.seeds,
        },
    )


def judge_sweep(
    claims: Sequence[SweepClaim],
    setup: Setup,
    prediction: xr.Dataset,
    swept: xr.Dataset,
    listed: Sequence[list[Assumption]],
) -> xr.Dataset:
    """Verdicts on a whole sweep: `judge`'s variables behind `sweep_`, on `sweep_claim`.

    `listed` has the assumptions of each seed, every one held only if it is at all points.
    """
    seeds = range(len(setup.seeds))
    slices, grids = ([of_seed(data, i) for i in seeds] for data in (prediction, swept))
    with theory_arithmetic():
        rows = [_judged(claim, setup, slices, grids, list(listed)) for claim in claims]
    columns = _columns(rows, "sweep_claim", len(setup.seeds))
    found = {f"sweep_{name}": column for name, column in columns.items()}
    names = np.array([c.name for c in claims], object)
    return xr.Dataset(found, coords={"sweep_claim": names, "seed": setup.seeds})


def of_the_whole(claims: xr.Dataset) -> xr.Dataset:
    """The verdicts on a whole sweep from the claims of its file, under `judge`'s own names."""
    kept = [name for name in claims.data_vars if "sweep_claim" in claims[name].dims]
    names = {str(name): str(name).removeprefix("sweep_") for name in (*kept, "sweep_claim")}
    return claims[kept].rename(names)


def _columns(rows: list[dict[str, Any]], dim: str, seeds: int) -> dict[str, tuple[Any, np.ndarray]]:
    """What `_judged` found, as variables with one entry a claim."""
    kinds = dict.fromkeys(("predicted", "measured", "tolerance", "baseline"), float)
    kinds |= {"worst_seed": np.int64}
    made: dict[str, tuple[Any, np.ndarray]] = {
        name: (dim, np.array([row[name] for row in rows], dtype=kinds.get(name, object)))
        for name in ("verdict", "reason", "where", *kinds)
    }
    for name in ("error", "baseline_error", "skill"):
        values = np.array([row[name] for row in rows], float).reshape(-1, seeds)
        made[name] = ((dim, "seed"), values)
    return made


def _judged(
    claim: Claim,
    setup: Setup,
    slices: list[xr.Dataset],
    runs: list[xr.Dataset],
    listed: list[list[Assumption]],
) -> dict[str, Any]:
    found: list[Compared] = []
    guessed: list[Compared] = []
    tolerances: list[float] = []
    verdicts: list[Verdict] = []
    for i, one in enumerate(slices):
        tolerances.append(tolerance_of(claim, setup.params, one))
        found.append(_tested(claim, setup.params, one, runs[i], tolerances[i]))
        judged = not np.isnan(found[i].error)
        guessed.append(
            _guessed(claim, setup.params, one, runs[i]) if judged else not_compared(found[i].why)
        )
        broken = [a for a in listed[i] if a.name in claim.relies_on and not a.held]
        verdicts.append(verdict(found[i].error, tolerances[i], broken))
    final = min(verdicts, key=(*SEVERITY, "not judged").index)
    i = max(
        (i for i, v in enumerate(verdicts) if v == final),
        key=lambda i: _excess(found[i].error, tolerances[i]),
    )
    return {
        "verdict": final,
        "reason": _reason(final, found[i], [a for a in listed[i] if a.name in claim.relies_on]),
        "where": found[i].where,
        "predicted": found[i].predicted,
        "measured": found[i].measured,
        "tolerance": tolerances[i],
        "worst_seed": int(setup.seeds[i]),
        "error": [c.error for c in found],
        "baseline": guessed[i].predicted,
        "baseline_error": [c.error for c in guessed],
        "skill": [skill(f.error, g.error) for f, g in zip(found, guessed, strict=True)],
    }


def _tested(
    claim: Claim, params: Any, prediction: xr.Dataset, run: xr.Dataset, tolerance: float
) -> Compared:
    """What a claim compares in one seed, unless the comparison is no test."""
    found = compared(claim, params, prediction, run)
    if np.isnan(found.error):
        return found
    why = untested(claim, params, prediction, tolerance)
    if not why and found.error <= tolerance:
        why = blunt(claim, params, prediction, tolerance)
    return not_compared(why) if why else found


def _guessed(claim: Claim, params: Any, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """What the guess without theory comes to, by the claim's own measure."""
    guess = guess_of(claim, prediction)
    if guess is None or not isinstance(claim.compare, Comparison):
        return not_compared("")
    return claim.compare(params, prediction, run, guess)


def skill(error: float, baseline_error: float) -> float:
    """1 - error/baseline error: 1 is exact, 0 no better than the guess, below it worse.

    NaN where there is no guess, or where the guess is exactly right: that is no test.
    """
    if np.isnan(error) or np.isnan(baseline_error) or baseline_error == 0:
        return float("nan")
    if np.isinf(baseline_error):
        return float("nan") if np.isinf(error) else 1.0
    return float(1 - error / baseline_error)


def _excess(error: float, tolerance: float) -> float:
    if np.isnan(error):
        return -1.0
    return error / tolerance if tolerance > 0 else error


def _reason(final: Verdict, compared: Compared, relied: list[Assumption]) -> str:
    if final == "not judged":
        return f"Because {compared.why}"
    if final == "departs":
        return "Foreseen: " + " ".join(a.sentence for a in relied if not a.held)
    if final == "surprise":
        return "Unforeseen: every assumption it relies on held."
    broken = [a.label for a in relied if not a.held]
    if broken:
        return f"Within the tolerance although not promised here ({', '.join(broken)})."
    return "Within the tolerance for every seed."
