"""What stands behind the routes of a job's files."""

from __future__ import annotations

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.live.server.files import file as job_file
from app.live.server.hub import Unknown
from app.live.server.route import hub_of

log = logging.getLogger("lmx")

FILE_TYPES = {"nc": "application/x-netcdf", "csv": "text/csv", "json": "application/json"}


async def file(request: Request) -> Response:
    """The endpoint `/files/{token}/run.{kind}`."""
    kind = request.path_params["kind"]
    if kind not in FILE_TYPES:
        return PlainTextResponse("There are run.nc, run.csv and run.json.", 404)
    try:
        name, data = await run_in_threadpool(
            job_file, hub_of(request), request.path_params["token"], kind
        )
    except Unknown:
        return PlainTextResponse("This run is gone; open its page again to make it anew.", 404)
    except OSError as error:
        log.error("a file could not be written", exc_info=error)
        said = f"The server cannot write the file ({error.strerror or 'no room'}); try again later."
        return PlainTextResponse(said, 507)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=FILE_TYPES[kind], headers=headers)
