"""Many readers in a process of their own, so that they take nothing from the server's interpreter.

`python -m app.bench.load` reads the visits from its input and prints what was seen, both as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from app.bench.loop import finished
from app.bench.reader import readers
from app.bench.visit import Seen, Visit
from app.explorer import environment

MOST_FILES = 65_536


@dataclass(frozen=True)
class Load:
    """What all readers saw, and the share of one core their own process took."""

    seen: list[Seen]
    cores: float


def visited(url: str, visits: Sequence[Visit], together_seconds: float | None = None) -> Load:
    """Make the visits; with seconds given all press Run at once and leave after so long.

    Raises:
        subprocess.CalledProcessError: the process of the readers failed.
    """
    plan = {
        "url": url,
        "visits": [asdict(visit) for visit in visits],
        "together_seconds": together_seconds,
    }
    done = subprocess.run(
        [sys.executable, "-m", "app.bench.load"],
        input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=True, env=environment(),
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    return Load([Seen.of(plain) for plain in found["seen"]], found["cores"])


def main() -> None:
    """Make the visits of the plan on stdin."""
    allow_sockets()
    plan = json.load(sys.stdin)
    visits = [Visit(**plain) for plain in plan["visits"]]
    start, busy = time.monotonic(), time.process_time()
    seen = finished(readers(plan["url"], visits, plan["together_seconds"]))
    cores = (time.process_time() - busy) / (time.monotonic() - start)
    print(json.dumps({"seen": [asdict(one) for one in seen], "cores": cores}))


def allow_sockets() -> None:
    """Let this process hold more sockets than one may open unasked, where that is limited."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    main()
