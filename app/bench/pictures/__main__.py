"""Makes them: all, or those whose file begins as named."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.bench.pictures.catalogue import PICTURES
from app.bench.pictures.reference import made, made_of_sweep
from app.bench.pictures.thumbnail import thumbnail

FOLDER = Path(__file__).resolve().parents[3] / "assets" / "reference"


def main(wanted: str = "") -> None:
    """Make every picture anew, or those whose file begins as wanted."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for spec in PICTURES:
        if not spec["file"].startswith(wanted):
            continue
        made_now = made_of_sweep(spec) if "over" in spec else made(spec)
        if spec["file"] != "opening":
            made_now["figure"] = thumbnail(made_now["figure"], bands=spec["seeds"] > 1)
        text = json.dumps(made_now, separators=(",", ":"), ensure_ascii=False)
        (FOLDER / f"{spec['file']}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
