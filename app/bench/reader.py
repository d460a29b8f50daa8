"""A whole reader without a browser: opens a page, presses Run, watches to the verdicts, leaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from websockets.exceptions import WebSocketException

from app.bench.live import Live
from app.bench.page import BEFORE_THE_SOCKET, Page, Refused, got, opened, with_its_files
from app.bench.visit import Seen, Visit


@dataclass
class Together:
    """Readers who press Run once all are ready, and leave once all have seen rows for so long."""

    count: int
    seconds: float
    ready: int = 0
    running: int = 0
    all_ready: asyncio.Event = field(default_factory=asyncio.Event)
    all_running: asyncio.Event = field(default_factory=asyncio.Event)

    def lacks_one(self) -> None:
        """A reader has failed: the others do not wait for it."""
        self.count -= 1
        self._look()

    def is_ready(self) -> None:
        """A reader could press Run."""
        self.ready += 1
        self._look()

    def is_running(self) -> None:
        """A reader has rows."""
        self.running += 1
        self._look()

    def _look(self) -> None:
        if self.ready >= self.count:
            self.all_ready.set()
        if self.running >= self.count:
            self.all_running.set()


class Reader:
    """One visit, from the address to the verdicts."""

    def __init__(
        self, base: str, visit: Visit, start: float, together: Together | None = None
    ) -> None:
        """`start` is the moment (monotonic) from which the visit counts its seconds."""
        self.base, self.visit, self.start, self.together = base, visit, start, together
        self.seen = Seen(visit)
        self.live = Live(base, self.seen)

    async def read(self) -> Seen:
        """Make the visit; whatever goes wrong is in the trouble it has seen."""
        await self._until(self.visit.opens)
        before = len(self.seen.trouble)
        try:
            leaves = self.visit.leaves
            async with asyncio.timeout_at(None if leaves is None else self._in_loop(leaves)):
                await self._visit()
        except TimeoutError:
            pass
        except (Refused, OSError, WebSocketException) as error:
            self.seen.trouble.append(str(error) or type(error).__name__)
        in_trouble = len(self.seen.trouble) > before
        if self.together is not None and (in_trouble or self.seen.first_rows is None):
            self.together.lacks_one()  # whoever left early is waited for no more
        self.seen.left = time.monotonic()
        return self.seen

    async def _visit(self) -> None:
        self.seen.asked = time.monotonic()
        url = f"{self.base}/{self.visit.address}"
        await with_its_files(url)
        for path in BEFORE_THE_SOCKET:
            await got(f"{self.base}/{path}")
        async with opened(self.base) as socket:
            page = Page(
                socket,
                url,
                self.visit.address,
                self.visit.query,
                shown=self.live.show,
                failed=self.seen.trouble.append,
            )
            await page.ask()
            await self._while_open(page)

    async def _while_open(self, page: Page) -> None:
        """Press and watch, with both sockets open; ends with the first that ends."""
        forever = page.listen(), self.live.watch(), self.live.touch(), self._ask_again(page)
        tasks = [asyncio.create_task(work) for work in (self._read(), *forever)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if tasks[0] not in done and tasks[1] in done:
                raise Refused("Streamlit's socket closed")
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask_again(self, page: Page) -> None:
        """Have the page make a job anew whenever its own is gone, as the live part asks it to."""
        while True:
            await self.live.gone.wait()
            self.live.gone.clear()
            await page.ask()

    async def _read(self) -> None:
        await self.live.when(lambda: self.live.is_ready or self.live.failed)
        if self.visit.presses is None:
            await asyncio.Event().wait()
        await self._until(self.visit.presses or 0.0)
        if self.together is not None:
            self.together.is_ready()
            await self.together.all_ready.wait()
        await self.live.run()
        if self.together is not None:
            await self._read_together(self.together)
            return
        await self.live.when(lambda: self.live.is_over)
        if not self.live.failed:
            self.seen.judged = time.monotonic()

    async def _read_together(self, together: Together) -> None:
        await self.live.when(lambda: self.seen.first_rows is not None or self.live.failed)
        together.is_running()
        await together.all_running.wait()
        await asyncio.sleep(together.seconds)

    async def _until(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, self.start + seconds - time.monotonic()))

    def _in_loop(self, seconds: float) -> float:
        """A moment of the visit in the time of the event loop."""
        return asyncio.get_running_loop().time() + self.start + seconds - time.monotonic()


async def readers(
    base: str, visits: list[Visit], together_seconds: float | None = None
) -> list[Seen]:
    """Many visits at once; with seconds given they run together for so long."""
    together = None if together_seconds is None else Together(len(visits), together_seconds)
    start = time.monotonic()
    made = [Reader(base, visit, start, together) for visit in visits]
    return await asyncio.gather(*(reader.read() for reader in made))


async def moved(base: str, experiment: str, queries: Sequence[str]) -> list[float]:
    """Seconds from each new query of an open page to its prediction, drawn whole."""
    seen = Seen(Visit(experiment))
    live, taken = Live(base, seen), []
    async with opened(base) as socket:
        how = {"shown": live.show, "failed": seen.trouble.append}
        page = Page(socket, base, seen.visit.address, "", **how)
        await page.ask()
        forever = page.listen(), live.watch(), live.touch()
        tasks = [asyncio.create_task(work) for work in forever]
        await live.when(lambda: live.is_ready)
        for query in queries:
            before, start = live.token, time.perf_counter()
            await page.ask(query)
            await live.when(lambda old=before: live.token != old and live.is_ready)
            taken.append(time.perf_counter() - start)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return taken
