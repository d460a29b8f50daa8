"""`lmx new NAME`: a file to begin with, and its test."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from app.cli.tables import terminal

TEST = '''"""The checks that every experiment should pass."""

from sims.core.registry import find
from sims.testing import check_experiment


def test_every_check_passes():
    check_experiment(find("{name}.py"))
'''


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters and underscores.")],
) -> None:
    """Write NAME.py, an experiment that runs and passes its checks, to put your law into."""
    from app.assets import asset

    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(
            f"{name} is not allowed: give small letters, digits and underscores, a letter first."
        )
    text = asset("guide/template.py").read_text("utf-8")
    files = {
        Path(f"{name}.py"): text.replace("mine/template", f"mine/{name}"),
        Path(f"test_{name}.py"): TEST.format(name=name),
    }
    for path in files:
        if path.exists():
            raise ValueError(f"{path} is there already: give another name.")
    for path, content in files.items():
        path.write_text(content, "utf-8")
    written = " and ".join(map(str, files))
    terminal().print(f"Written: {written}. See it with: lmx open {name}.py", markup=False)
