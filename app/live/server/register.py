"""Which jobs there are, whose they are, and what became of those that are no more."""

from __future__ import annotations

import threading
from collections import OrderedDict

from app.live.server.forecast import Forecast
from app.live.server.job import Job
from app.live.server.recipe import Recipe

MOST_REMEMBERED = 2000
"""Recipes and successors of dropped jobs that are kept."""


class Register:
    """Jobs by token and by owner; any thread may ask, and its lock is held for moments only."""

    def __init__(self) -> None:
        """Nobody is here yet."""
        self.lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._owners: dict[str, str] = {}
        self._recipes: OrderedDict[str, tuple[str, Recipe, bool]] = OrderedDict()
        self._successors: OrderedDict[str, str] = OrderedDict()

    def get(self, token: str) -> Job | None:
        """The job of that token, if there is one."""
        return self._jobs.get(token)

    def owned(self, owner: str) -> Job | None:
        """The job an owner has now."""
        return self._jobs.get(self._owners.get(owner, ""))

    def every(self) -> list[Job]:
        """All jobs there are."""
        with self.lock:
            return list(self._jobs.values())

    def of(self, forecast: Forecast) -> list[Job]:
        """Those that share a forecast."""
        return [job for job in self.every() if job.forecast is forecast]

    def enter(self, job: Job) -> None:
        """Take in a job, as its owner's."""
        with self.lock:
            self._jobs[job.token] = job
            self._owners[job.owner] = job.token

    def leave(self, job: Job) -> bool:
        """Let go of a job but remember its recipe, and whether it ran; False if it has gone."""
        with self.lock:
            if self._jobs.get(job.token) is not job:
                return False
            del self._jobs[job.token]
            if self._owners.get(job.owner) == job.token:
                del self._owners[job.owner]
            ran = job.stage in ("running", "done", "stopped") or job.state.hidden
            self._recipes[job.token] = (job.owner, job.recipe, ran)
            while len(self._recipes) > MOST_REMEMBERED:
                self._recipes.popitem(last=False)
            return True

    def remembered(self, token: str) -> tuple[str, Recipe, bool] | None:
        """Owner and recipe of a job that is no more, and whether it ran; asked for once."""
        with self.lock:
            return self._recipes.pop(token, None)

    def take_place(self, old: Job, new: Job) -> None:
        """Note that a job has taken the place of another one on its page."""
        with self.lock:
            self._successors[old.token] = new.token
            while len(self._successors) > MOST_REMEMBERED:
                self._successors.popitem(last=False)

    def successor(self, token: str) -> str | None:
        """The job that has taken the place of a dropped one, if one has and is here."""
        with self.lock:
            while token in self._successors:
                token = self._successors[token]
            return token if token in self._jobs else None
