"""What stands behind the routes of a job's files."""

from __future__ import annotations

import logging

import anyio
import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.live.server.files import TYPES, Unfinished
from app.live.server.files import file as job_file
from app.live.server.files import handout as job_handout
from app.live.server.hub import Unknown
from app.live.server.origin import own_address
from app.live.server.route import hub_of

log = logging.getLogger("lmx")

GONE = "This run is gone; open its page again to make it anew."
PAGES = {"handout": False, "handout_blank": True}
"""Names of hand-outs, and whether they are blank."""
_printer = anyio.CapacityLimiter(1)
"""Hand-outs are made one by one: those that wait hold no thread, and runs go on beside."""


async def handout(request: Request) -> Response:
    """The endpoint `/files/{token}/{page}.pdf`."""
    token, page = request.path_params["token"], request.path_params["page"]
    if page not in PAGES:
        return PlainTextResponse("There are handout.pdf and handout_blank.pdf.", 404)
    server = own_address(request.headers, request.query_params.get("server", ""))

    def made() -> tuple[str, bytes]:
        return job_handout(hub_of(request), token, blank=PAGES[page], server=server)

    try:
        name, data = await anyio.to_thread.run_sync(made, limiter=_printer)
    except Unknown:
        return PlainTextResponse(GONE, 404)
    return _attachment(name, data, "application/pdf")


async def file(request: Request) -> Response:
    """The endpoint `/files/{token}/run.{kind}`."""
    kind = request.path_params["kind"]
    if kind not in TYPES:
        return PlainTextResponse("There are run.nc, run.csv, run.json and run.html.", 404)
    token, guess = request.path_params["token"], request.query_params.get("guess", "")
    try:
        name, data = await run_in_threadpool(job_file, hub_of(request), token, kind, guess)
    except ValueError as error:
        return PlainTextResponse(str(error), 400)
    except Unknown:
        return PlainTextResponse(GONE, 404)
    except Unfinished:
        return PlainTextResponse("This run is not over; its page can be kept then.", 409)
    except OSError as error:
        log.error("a file could not be written", exc_info=error)
        said = f"The server cannot write the file ({error.strerror or 'no room'}); try again later."
        return PlainTextResponse(said, 507)
    return _attachment(name, data, TYPES[kind])


def _attachment(name: str, data: bytes, kind: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=kind, headers=headers)
