"""What an experiment leaves out, filled in; what does not fit together, said in one sentence."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np
import xarray as xr

from sims.core.comparison import Comparison
from sims.core.experiment import Claim, Experiment, Observable, Predicted, Simulation, Task
from sims.core.knobs import with_knobs
from sims.core.schedule import Schedule

LEADING: Mapping[str, tuple[str, ...]] = {
    "records": ("record",),
    "snapshots": ("snapshot",),
    "measured": (),
}
"""The dimensions of an observable in front of its own, by when it is taken."""
ARGUMENTS: Mapping[str, str] = {
    "prepare": "params, seed",
    "init": "params, task",
    "step": "params, task, state",
    "observe": "params, task, state",
    "snapshot": "params, task, state",
    "predict": "params, task, schedule",
    "schedule": "params, tasks",
    "resolve": "params, tasks",
    "measure": "params, task, prediction, run",
    "warnings": "params, task, prediction",
}
"""What an experiment's functions are given, by name."""


class Misfit(ValueError):
    """What an experiment's function gives is not what it should give, whatever the settings."""


class _Direct:
    """The simulation of an experiment whose functions are given one by one."""

    def __init__(self, experiment: Experiment) -> None:
        init, step, observe = experiment.init, experiment.step, experiment.observe
        given = {"init": init, "step": step, "observe": observe}
        missing = [name for name, function in given.items() if not callable(function)]
        if missing or init is None or step is None or observe is None:
            raise ValueError(
                f"{experiment.name} lacks {' and '.join(missing)}: give init, step and observe, "
                "or a simulation."
            )
        optional = {n: getattr(experiment, n) for n in ("snapshot", "refresh", "kick", "derive")}
        self.simulation = Simulation(init, step, observe, **optional)

    def __call__(self, params: Any) -> Simulation[Any]:
        del params  # static knobs are read inside the functions
        return self.simulation


def completed(experiment: Experiment) -> dict[str, Any]:
    """The fields that follow from the others, by name; ValueError if something does not fit."""
    seen = experiment.observables
    claims = tuple(_titled(claim, experiment.name, seen) for claim in experiment.claims)
    swept = tuple(_titled(claim, experiment.name, seen) for claim in experiment.sweep_claims)
    names = [claim.name for claim in (*claims, *swept)]
    if twice := [name for name, n in Counter(names).items() if n > 1]:
        raise ValueError(
            f"{experiment.name} has two claims named {twice[0]!r}: give each a name of its own."
        )
    for name, given in ARGUMENTS.items():
        _check_arguments(getattr(experiment, name), f"{name} of {experiment.name}", given)
    if not callable(experiment.assumptions):
        _check_relied_on(experiment, (*claims, *swept))
        for one in experiment.assumptions:
            where = f"assumption {one.__name__} of {experiment.name}"
            _check_arguments(one, where, "params, task, prediction")
    _check_presets(experiment)
    found: dict[str, Any] = {"claims": claims, "sweep_claims": swept}
    given = experiment.simulation
    if given is Experiment.simulation or isinstance(given, _Direct):
        found["simulation"] = _Direct(experiment)
    return found


def _check_presets(experiment: Experiment) -> None:
    """Every preset has an id of its own, and sets knobs that exist to values they take."""
    where = experiment.name
    if twice := [n for n, k in Counter(p.id for p in experiment.presets).items() if k > 1]:
        raise ValueError(f"{where} has two presets named {twice[0]!r}: give each an id of its own.")
    for preset in experiment.presets:
        for values in (preset.params, preset.compare or {}):
            try:
                with_knobs(experiment.Params(), values, where=where)
            except ValueError as error:
                raise ValueError(f"Preset {preset.id!r} of {where}: {error}") from None


def _titled(claim: Claim, where: str, observables: Mapping[str, Observable]) -> Any:
    """The claim with title, symbol and unit, checked alone."""
    here = f"Claim {claim.name!r} of {where}"
    if not callable(claim.compare):
        raise ValueError(f"{here} compares with {claim.compare!r}: give one of sims.compare.")
    if not callable(claim.tolerance) and not isinstance(claim.tolerance, Real):
        raise ValueError(
            f"{here} has no tolerance: give a number, or a function of (params, prediction)."
        )
    if not claim.sees_ten_percent and not claim.because:
        raise ValueError(f"{here} does not see a theory that is 10 % wrong: say because of what.")
    _check_guess(claim, here)
    seen = observables.get(claim.name)
    if seen is None and not claim.title:
        raise ValueError(f"{here} is named as no observable: give it a title.")
    unit = claim.unit or getattr(claim.compare, "unit", "")  # a comparison may know its own
    if seen is None:
        return replace(claim, unit=unit)
    return replace(
        claim,
        title=claim.title or seen.label,
        symbol=claim.symbol or seen.symbol,
        unit=unit or seen.unit,
    )


def _check_guess(claim: Claim, here: str) -> None:
    """A claim is held against a guess, or says why there is none."""
    if claim.baseline is None and not claim.no_guess:
        raise ValueError(
            f"{here} has no baseline: give one, or say why nothing can be guessed, no_guess=why."
        )
    if claim.baseline is not None and not isinstance(claim.compare, Comparison):
        raise ValueError(
            f"{here} compares by a function that cannot hold a guess against the run: give one of "
            "sims.compare, or baseline=None with no_guess=why."
        )


def _check_relied_on(experiment: Experiment, claims: tuple[Claim, ...]) -> None:
    assert not callable(experiment.assumptions)
    known = [assumption.__name__ for assumption in experiment.assumptions]
    for claim in claims:
        for name in claim.relies_on:
            if name not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise ValueError(
                    f"Claim {claim.name!r} of {experiment.name} relies on {name!r}, which is no "
                    f"assumption of it: {has}."
                )


def _check_arguments(function: Callable[..., Any] | None, where: str, given: str) -> None:
    """ValueError unless the function takes that many arguments, if it says what it takes."""
    if not callable(function):
        return
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*given.split(", "))
    except TypeError:
        taken = ", ".join(signature.parameters)
        raise ValueError(f"{where} takes ({taken}), where ({given}) is given.") from None


def task_of(experiment: Experiment, made: Any) -> Task:
    """What `prepare` returned, plain numbers as arrays; Misfit if it is no dict."""
    if not isinstance(made, Mapping):
        raise Misfit(
            f"prepare of {experiment.name} returns {_kind(made)}: give a dict of numpy arrays."
        )
    return {name: np.asarray(value) for name, value in made.items()}


def schedule_of(experiment: Experiment, made: Any) -> Schedule:
    """What `schedule` returned; Misfit if it is none."""
    if not isinstance(made, Schedule):
        raise Misfit(
            f"schedule of {experiment.name} returns {_kind(made)}: give a Schedule, such as "
            "Schedule.until(steps)."
        )
    return made


def recorded(experiment: Experiment, function: str, shapes: Any) -> Any:
    """What `observe` or `snapshot` gives, by shapes; Misfit if no observable says what it is.

    Names with an underscore in front are for `derive` alone.
    """
    here = f"{function} of {experiment.name}"
    if not isinstance(shapes, Mapping):
        raise Misfit(f"{here} returns {_kind(shapes)}: give a dict by name of the observable.")
    for name, value in shapes.items():
        seen = experiment.observables.get(name)
        if seen is None and not str(name).startswith("_"):
            raise Misfit(
                f"{here} gives {name!r}, which is no observable: declare it; there are "
                f"{', '.join(experiment.observables)}."
            )
        if seen is not None and len(value.shape) != len(seen.dims):
            raise Misfit(
                f"{here} gives {name!r} of shape {value.shape}, where the observable has "
                f"dims ({', '.join(seen.dims)})."
            )
    return shapes


def parts_of(experiment: Experiment, made: Any) -> Iterator[Predicted | float]:
    """What `predict` returned, as an iterator over its parts."""
    if isinstance(made, Mapping):
        return iter([made])
    if isinstance(made, Iterator):
        return made
    raise ValueError(
        f"predict of {experiment.name} returns {_kind(made)}: give a dict of arrays by name, or an "
        "xarray.Dataset."
    )


def dataset_of(experiment: Experiment, part: Predicted, schedule: Schedule) -> xr.Dataset:
    """A part of a prediction with named dimensions; ValueError if a shape or name is wrong."""
    sizes = {"record": len(schedule.record_steps), "snapshot": len(schedule.snapshot_records)}
    if isinstance(part, xr.Dataset):
        for dim in sizes:
            if part.sizes.get(dim, sizes[dim]) != sizes[dim]:
                raise ValueError(
                    f"predict of {experiment.name} gives {part.sizes[dim]} {dim}s, where the "
                    f"schedule has {sizes[dim]}."
                )
        return part
    own = {dim for seen in experiment.observables.values() for dim in seen.dims}
    data, coords = {}, {}
    for name, value in part.items():
        values = np.asarray(value)
        if name in own and name not in experiment.observables:
            dims = coords[name] = (name,)
        else:
            dims = _dims(experiment, name, values)
        _check_shape(experiment, name, values, dims, sizes)
        data[name] = (dims, values)
    for dim in sorted(own & (sizes.keys() - coords.keys())):
        data[dim] = (dim, np.arange(1, sizes[dim] + 1))
    return xr.Dataset(data).set_coords([name for name in data if name in own])


def check_numbers(experiment: Experiment, part: xr.Dataset) -> None:
    """ValueError if a whole prediction draws curves, and none of it is a number."""
    floats = {n: v for n, v in part.data_vars.items() if v.dtype.kind == "f" and v.size}
    has_curves = any({"record", "snapshot"} & set(v.dims) for v in floats.values())
    if has_curves and all(np.isnan(v.values).all() for v in floats.values()):
        raise ValueError(
            f"predict of {experiment.name} gives NaN alone, in {', '.join(map(str, floats))}: give "
            "numbers, and leave out what is not known."
        )


def _dims(experiment: Experiment, name: str, values: np.ndarray) -> tuple[str, ...]:
    seen = experiment.observables.get(name)
    if seen is not None:
        return (*LEADING[seen.at], *seen.dims)
    if values.ndim:
        raise ValueError(
            f"predict of {experiment.name} gives {name!r} of shape {values.shape}, which is no "
            "observable: declare one, or give a number; it has "
            f"{', '.join(experiment.observables)}."
        )
    return ()


def _check_shape(
    experiment: Experiment, name: str, values: np.ndarray, dims: tuple[str, ...], sizes: dict
) -> None:
    """Refuse what does not have its dims' lengths; the first of a new dim says how long it is."""
    fits = values.ndim == len(dims)
    for dim, n in zip(dims, values.shape, strict=False):
        fits = fits and sizes.setdefault(dim, n) == n
    if not fits:
        wanted = ", ".join(f"{dim} {sizes[dim]}" if dim in sizes else dim for dim in dims)
        raise ValueError(
            f"predict of {experiment.name} gives {name!r} of shape {values.shape}, where "
            f"({wanted}) is expected."
        )


def _kind(made: Any) -> str:
    name = type(made).__name__
    return "nothing" if made is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
