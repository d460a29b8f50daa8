"""A job as a file, and a hub in numbers."""

from __future__ import annotations

from typing import Any

from app.live.server.forecast import Drawing
from app.live.server.hub import Hub, Unknown
from app.live.server.job import Job
from sims.core.archive import to_bytes
from sims.view.guess import guess_of

TYPES = {
    "nc": "application/x-netcdf",
    "csv": "text/csv",
    "json": "application/json",
    "html": "text/html",
}
"""Kinds of files, by their ending, and what a browser is told that they are."""


class Unfinished(Exception):
    """The run of a job is not over, so that it cannot be played."""


def file(hub: Hub, token: str, kind: str, guess: str = "") -> tuple[str, bytes]:
    """Name and bytes of a job's file; slow, so not for the event loop.

    A reader's `guess` is kept among the attributes, as a link writes it.

    Raises:
        ValueError: the guess is none; in one sentence.
        Unfinished: its page is asked for, and the run is not over.
        Unknown: there is no such job, or nothing is predicted yet.
        OSError: there is no room to write it.
    """
    if guess:
        guess_of(guess)
    job = hub.job(token)
    setting, runs = job.forecast.settings[0], job.state.runs
    if job.drawing is None:
        raise Unknown(token)
    if kind == "html":
        if not job.state.judgement:
            raise Unfinished(token)
        return f"{setting.stem}.html", _page(job, job.drawing)
    if runs:
        tree = runs[0].tree()
    else:
        tree = setting.start().tree(None, setting.device, setting.prediction)
    if guess:
        tree.attrs["guess"] = guess
    return f"{setting.stem}.{kind}", to_bytes(tree, kind)


def _page(job: Job, drawing: Drawing) -> bytes:
    """The page that plays a job's run."""
    from app.recorded.page import alone
    from app.recorded.recording import of_runs

    made = of_runs(job.state.runs, drawing.text)
    return alone(made, job.forecast.experiment).encode()


def stats(hub: Hub) -> dict[str, Any]:
    """Counts for the bench and for tests."""
    jobs = hub.jobs()
    return {
        "jobs": len(jobs),
        "states": {j.token: j.stage for j in jobs},
        "steps": {j.token: j.steps_done for j in jobs},
        "rows": {j.token: j.rows for j in jobs},
        "attached": sum(j.attached for j in jobs),
        "listeners": sum(len(j.listeners) for j in jobs),
        "bytes": hub.forecasts.nbytes + sum(j.nbytes for j in jobs),
        "forecasts": len(hub.forecasts),
        "slices": hub.scheduler.slices,
        "frames": hub.frames,
        "workers": len(hub.scheduler.workers),
    }
