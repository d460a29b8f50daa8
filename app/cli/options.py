"""Options that several commands share, and what was asked with them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sims.core.experiment import Experiment

_NAME = typer.Argument(metavar="EXPERIMENT", help="Id, as `lmx list` shows it, or FILE.py.")
Name = Annotated[str, _NAME]
NameOrNone = Annotated[str | None, _NAME]
PresetOption = Annotated[str | None, typer.Option("--preset", help="Start from this preset.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KNOB=VALUE", help="Set a knob; may be repeated."),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="FILE",
        help="Data of your own: .npz with X (samples, features) and y, or .csv with y in the last "
        "column, or in one headed y.",
    ),
]
SeedOption = Annotated[int | None, typer.Option("--seed", help="First seed.")]
SeedsOption = Annotated[int, typer.Option("--seeds", help="How many seeds, from the first on.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Exit 1 if a claim is a surprise.")]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu or gpu.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write .nc, .json or .csv.")
]
OnOption = Annotated[
    str, typer.Option("--on", metavar="here|ray[=ADDRESS]", help="Ray: in many processes.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


def asked(
    name: str,
    preset: str | None,
    assignments: list[str] | None,
    out: Path | None,
    force: bool,
    data: Path | None = None,
) -> tuple[Experiment, dict[str, Any]]:
    """The experiment and the knobs, as text; whatever is wrong is refused before any work."""
    from sims.core.registry import find
    from sims.core.setup import given

    experiment = find(name)
    values = assigned(assignments or [], "--set")
    if data is not None:
        values = with_data(experiment, values, data)
    given(experiment, values, preset)
    if out is not None:
        from sims.core.archive import check_path

        check_path(out, overwrite=True)
        check_file(out, force)
    return experiment, values


def with_data(experiment: Experiment, values: dict[str, str], path: Path) -> dict[str, str]:
    """The knobs with data of one's own from a file.

    Raises:
        ValueError: the experiment takes none, they are set besides, or nothing can be learned from
            the file; one sentence.
    """
    from sims.core import data_file
    from sims.core.knobs import own_knob

    knob = own_knob(experiment.Params)
    if knob is None:
        from sims import api

        takers = [e.name for e in api.experiments() if own_knob(e.Params)]
        raise ValueError(f"{experiment.name} takes no data of one's own: {', '.join(takers)} do.")
    if knob.name in values:
        raise ValueError(f"--set {knob.name} and --data say the same knob: give one of them.")
    return {**values, knob.name: data_file.read(path).value}


def check_file(path: Path, force: bool) -> None:
    """ValueError if nothing can be written there, or something is there that may not go.

    Whether it may is asked in a terminal.
    """
    from sims.core.files import check_writable, is_replaced

    check_writable(path)
    if force or not is_replaced(path):
        return
    if sys.stdin.isatty() and sys.stderr.isatty():
        if typer.confirm(f"{path} is there already. Write over it?", err=True):
            return
        raise ValueError(f"{path} is left as it is.")
    raise ValueError(f"{path} is there already: give another name, or --force to write over it.")


def assigned(assignments: list[str], option: str) -> dict[str, str]:
    """`knob=value` texts as a mapping."""
    values = {}
    for text in assignments:
        knob, equals, value = text.partition("=")
        if not equals or not knob.strip():
            raise ValueError(f"{option} {text} cannot be read: give {option} knob=value.")
        if knob.strip() in values:
            raise ValueError(f"{option} sets {knob.strip()} twice: give it once.")
        values[knob.strip()] = value.strip()
    return values


def check_folder(path: Path) -> None:
    """ValueError, one sentence, if no file can be written into that folder."""
    from sims.core.files import check_writable

    check_writable(path / "of_a_ledger.json")
