"""What all rows come to: verdicts, targets, and how often `auto` was wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.bench.gpu.section import Measurement, Row
from app.bench.gpu.size import Card
from app.bench.gpu.targets import aimed

AUTO = "auto_wrong <= 1"


def summary(rows: Sequence[Row], card: Card) -> list[Measurement]:
    """Counts over the rows there are."""
    return [
        Measurement("presets", lambda: _presets(rows)),
        Measurement("auto", lambda: _auto(rows, card)),
        Measurement("predictions", lambda: _predictions(rows)),
        Measurement("targets", lambda: _targets(rows)),
        Measurement("failed", lambda: _failed(rows)),
    ]


def _presets(rows: Sequence[Row]) -> Iterator[Row]:
    seen = [row for row in rows if "as_stated" in row]
    differing = [str(row["name"]) for row in seen if not row["as_stated"]]
    yield {"presets": len(seen), "as_stated": len(seen) - len(differing), "differing": differing}


def _auto(rows: Sequence[Row], card: Card) -> Iterator[Row]:
    seen = [row for row in rows if row.get("auto_right") is not None]
    wrong = [str(row["name"]) for row in seen if not row["auto_right"]]
    row: Row = {"judged": len(seen), "auto_wrong": len(wrong), "wrong": wrong}
    yield aimed(row, AUTO, card) if seen else row


def _predictions(rows: Sequence[Row]) -> Iterator[Row]:
    seen = [row for row in rows if "prediction_hash_equal" in row]
    other = [str(row["name"]) for row in seen if not row["prediction_hash_equal"]]
    yield {"predictions": len(seen), "of_another_hash": other}


def _targets(rows: Sequence[Row]) -> Iterator[Row]:
    aims = [row for row in rows if "target" in row]
    yield {
        "targets_reached": sum(row["reached"] is True for row in aims),
        "targets_missed": [f"{r['name']}: {r['target']}" for r in aims if r["reached"] is False],
        "targets_not_judged": sum(row["reached"] is None for row in aims),
    }


def _failed(rows: Sequence[Row]) -> Iterator[Row]:
    names = [str(row["name"]) for row in rows if "failed" in row]
    yield {"failed_measurements": len(names), "names": names}
