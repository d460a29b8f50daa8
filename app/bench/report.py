"""What `lmx bench` prints, number by number.

Everything is measured on this machine as it is; medians of interleaved repeats, so that whatever
else runs here disturbs both sides of a comparison alike.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from rich.console import Console
from rich.table import Table

from app.bench.result import Result, Size

if TYPE_CHECKING:
    from app.bench.crowd import Times


Section: TypeAlias = tuple[str, Iterable[Result]]
"""A title, and the numbers under it as they come."""


def report(
    console: Console, names: Sequence[str], file: Path | None = None, size: Size | None = None
) -> list[Result]:
    """Measure these experiments, print each number as it comes, and write all of them to `file`."""
    return printed(console, _sections(names, size or Size()), file)


def printed(
    console: Console, sections: Iterable[Section], file: Path | None = None
) -> list[Result]:
    """Print the machine and each number as it comes, and write all of them to `file`."""
    from sims.core import compilation

    compilation.use_persistent_cache()
    machine = conditions()
    console.print(f"[bold]lmx bench[/] {machine['date']}")
    console.print(f"[dim]{machine['device']}, {machine['cores']} cores, {machine['load']}[/]")
    console.print(f"[dim]{', '.join(f'{k} {v}' for k, v in machine['versions'].items())}[/]\n")
    results = [result for title, found in sections for result in _section(console, title, found)]
    missed = [r.name for r in results if r.met is False]
    reached = sum(r.met is True for r in results)
    console.print(f"\n{reached} targets reached, {len(missed)} missed.")
    if file is not None:
        data = {**machine, "results": [{**asdict(r), "met": r.met} for r in results]}
        file.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return results


def _section(console: Console, title: str, measured: Iterable[Result]) -> list[Result]:
    console.print(f"[bold]{title}[/]")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
    for column in ("name", "value", "target"):
        table.add_column(column, no_wrap=True, justify="left" if column == "name" else "right")
    results = list(measured)
    for result in results:
        table.add_row(*_row(result))
    console.print(table)
    return results


def _row(result: Result) -> tuple[str, str, str]:
    from app.wording import number

    value = f"{number(result.value, 3)} {result.unit}".strip()
    if not result.target:
        return result.name, value, ""
    sign, wanted = result.target.split()
    words = f"{'at least' if sign == '>=' else 'at most'} {wanted}"
    return (
        result.name,
        value,
        f"[dim]{words}[/] " + ("[green]✓[/]" if result.met else "[yellow]✗ missed[/]"),
    )


def conditions() -> dict[str, Any]:
    """Device, date and versions: what a number without is worth nothing."""
    import jax

    from sims.core.archive import versions
    from sims.core.devices import has_gpu

    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "device": processor() + "".join(f", {d.device_kind}" for d in jax.devices() if has_gpu()),
        "cores": os.cpu_count(),
        "load": load,
        "versions": versions(),
    }


def processor() -> str:
    """What this machine's processor is called."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _sections(names: Sequence[str], size: Size) -> Iterator[Section]:
    from app.bench import browser, edge, latency, speed, throughput
    from app.bench.crowd import PLAIN
    from sims import api
    from sims.core.devices import has_gpu

    for name in names:
        if name == edge.NAME:
            yield f"{name}: one CPU thread", edge.at_the_edge(size)
            continue
        for device in ("cpu", "gpu") if has_gpu() else ("cpu",):
            title = f"{name}: streamed against one bare scan, {device}"
            yield title, speed.streamed(name, device, size)
        yield f"{name}: latency without a browser", latency.latencies(name, size)
        if over := speed.SWEEPS.get(name) or api.experiment(name).over:
            yield f"{name}: a sweep", speed.sweeps(name, over, size)
    crowded = PLAIN if PLAIN in names else None
    if crowded is not None:
        yield f"{crowded}: one reader", throughput.one_reader(crowded)
        for count in (1, size.clients):
            title = f"{crowded}: {count} at the fastest pace at once"
            yield title, throughput.throughput(count, size.seconds)
    if size.browser and crowded is not None:
        yield f"{crowded}: in Chromium", browser.in_browser(crowded, size)


def crowded(count: int, names: Sequence[str] = (), times: Times | None = None) -> Iterator[Section]:
    """So many readers: of every page in turn, of one page alone, and at the fastest pace.

    With names given only of those pages, in turn.
    """
    from app.bench.crowd import PLAIN, crowd
    from app.bench.throughput import throughput
    from sims import api

    every = [experiment.name for experiment in api.experiments()]
    for pages in [names] if names else [every, [PLAIN]]:
        title = f"of {pages[0]}" if len(pages) == 1 else f"of {len(pages)} pages in turn"
        yield f"{count} readers {title}", crowd(pages, count, times)
    if not names:
        yield f"{count} readers at the fastest pace at once", throughput(count)


def taught(count: int) -> Iterator[Section]:
    """So many students in a room."""
    from app.bench.room import room

    yield f"{count} students in a room", room(count)


def soaked(minutes: float) -> Iterator[Section]:
    """Readers coming and going for so long."""
    from app.bench.soak import soak

    yield f"readers coming and going for {minutes:g} minutes", soak(minutes)


def swept(runs: int, *, with_ray: bool) -> Iterator[Section]:
    """A sweep of so many runs, and the same through Ray."""
    from app.bench.large_sweep import large_sweep

    yield f"a sweep of {runs} runs", large_sweep(runs, with_ray=with_ray)
