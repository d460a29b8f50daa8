"""What an exception says of an experiment's own code, in one sentence."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax

from sims.core.experiment import Experiment
from sims.core.sentences import one_line

MOST_QUOTED = 240


def blamed(error: BaseException, experiment: Experiment) -> str:
    """The line of the experiment's files the exception came through, and what it says.

    Of a sentence on one of its functions, such as `step of mine/law returns nothing`, where that
    function begins.
    """
    words = worded(error)
    files = own_files(experiment)
    code = _named(experiment, words.partition(f" of {experiment.name} ")[0])
    if code is not None and code.co_filename in files:
        words = f"{Path(code.co_filename).name}, line {code.co_firstlineno}: {words}"
    elif where := place(error, files.__contains__):
        words = f"{where}: {words}"
    return one_line(words, MOST_QUOTED)


def place(error: BaseException, is_own: Callable[[str], bool]) -> str:
    """`FILE.py, line N` of the last line of somebody's own files it came through, or ''."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_own(f.filename)]
    return f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""


def is_within(filename: str, path: Path) -> bool:
    """Whether a file is that file, or lies in that folder."""
    file = Path(filename)
    return file == path or path in file.parents


def worded(error: BaseException) -> str:
    """The message of an exception as a sentence, behind its kind.

    A ValueError is a sentence already, and what JAX says of Python inside a compiled run takes a
    page: it is said in one.
    """
    if isinstance(error, jax.errors.TracerArrayConversionError):
        return "numpy is called on a value inside the compiled run: use jax.numpy."
    if isinstance(error, jax.errors.ConcretizationTypeError):
        return (
            "Python asks for a value that the compiled run does not know yet, with if, while, "
            "float or int: use jnp.where, or make the knob static=True."
        )
    words = str(error).rstrip(". ") or type(error).__name__
    if not isinstance(error, ValueError):
        words = f"{type(error).__name__}: {words}"
    return words if words.endswith(("?", "!")) else f"{words}."


def _named(experiment: Experiment, name: str) -> Any:
    """The code of its function of that name, or of its assumption, or None."""
    listed = experiment.assumptions if isinstance(experiment.assumptions, tuple) else ()
    found = {f.__name__: f for f in listed}.get(name, getattr(experiment, name, None))
    return getattr(found, "__code__", None)


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
