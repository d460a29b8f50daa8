"""A job as a file, and a hub in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.live.server.hub import Hub, Unknown
from app.live.server.job import Job
from sims.core.archive import to_bytes
from sims.view.guess import guess_of

if TYPE_CHECKING:
    import xarray as xr

    from app.live.server.setting import Setting

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
    if kind == "html":
        return _page(hub.job(token))
    setting, tree = _known(hub, token)
    if guess:
        tree.attrs["guess"] = guess
    return f"{setting.stem}.{kind}", to_bytes(tree, kind)


def handout(hub: Hub, token: str, *, blank: bool, server: str) -> tuple[str, bytes]:
    """Name and bytes of a job's hand-out; slow, so not for the event loop.

    `server` is the address that its link begins with.

    Raises:
        Unknown: there is no such job, or nothing is predicted yet.
    """
    from app.handout.made import made  # Matplotlib is loaded where somebody asks for it

    setting, tree = _known(hub, token)
    words = "handout_blank" if blank else "handout"
    page = made(tree, blank=blank, server=server, experiment=setting.experiment)
    return f"{setting.stem}-{words}.pdf", page


def _known(hub: Hub, token: str) -> tuple[Setting, xr.DataTree]:
    """The setting of a job, and what is known of it by now: its run, or its prediction."""
    job = hub.job(token)
    setting, runs = job.forecast.settings[0], job.state.runs
    if job.drawing is None:
        raise Unknown(token)
    if runs:
        return setting, runs[0].tree()
    return setting, setting.start().tree(None, setting.device, setting.prediction)


def _page(job: Job) -> tuple[str, bytes]:
    """The page that plays a job's run."""
    from app.recorded.page import alone
    from app.recorded.recording import of_runs

    if job.drawing is None:
        raise Unknown(job.token)
    if not job.state.judgement:
        raise Unfinished(job.token)
    made = of_runs(job.state.runs, job.drawing.text)
    stem = job.forecast.settings[0].stem
    return f"{stem}.html", alone(made, job.forecast.experiment).encode()


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
