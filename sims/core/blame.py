"""What an exception says of an experiment's own code, in one sentence."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from sims.core.experiment import Experiment
from sims.core.sentences import one_line

MOST_QUOTED = 240


def blamed(error: BaseException, experiment: Experiment) -> str:
    """The line of the experiment's files the exception came through, its kind, and its message.

    A ValueError is a sentence already: its kind is left out.
    """
    words = str(error).rstrip(". ") or type(error).__name__
    if not isinstance(error, ValueError):
        words = f"{type(error).__name__}: {words}"
    files = own_files(experiment)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    if frames:
        words = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}: {words}"
    return one_line(f"{words}.", MOST_QUOTED)


def own_files(experiment: Experiment) -> set[str]:
    """The files in which its functions are written."""
    found: set[str] = set()
    functions: list[Any] = [getattr(experiment, name) for name in vars(experiment)]
    functions += [part for claim in experiment.claims for part in (claim.compare, claim.tolerance)]
    functions += experiment.assumptions if isinstance(experiment.assumptions, tuple) else ()
    functions.append(getattr(experiment.simulation, "__func__", None))
    for function in functions:
        code = getattr(function, "__code__", None)
        if code is not None:
            found.add(code.co_filename)
    return {name for name in found if Path(name).parent != Path(__file__).parent}
