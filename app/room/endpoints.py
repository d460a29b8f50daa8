"""What stands behind the routes of rooms."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.websockets import WebSocket

from app import network
from app.live.server.origin import own_address, same_origin
from app.live.server.route import CLOSED
from app.room import messages, pages
from app.room.join import Join
from app.room.open_room import OpenRoom
from app.room.question import question_of
from app.room.register import MOST_TITLE, Refused, Rooms, rooms
from app.room.results import table
from app.room.socket import GONE, WRONG_SECRET, Browser
from app.room.state import MOST_QUESTIONS

MOST_BODY = 64_000
"""Bytes of a request."""
MOST_DRAINED = 32_000_000
"""Bytes that are read and thrown away: who still sends would not hear why it is refused."""
TOO_LONG = f"A request may have at most {MOST_BODY} bytes."
UNREADABLE = 'This request cannot be read: it is to be {"links": [...], "title": "..."}.'
ELSEWHERE = "This request does not come from a page of this server."
TOO_MANY = f"A room has 1 to {MOST_QUESTIONS} questions."
NO_RUN = "There is no such run in this room."
KEPT = "private, max-age=10800"
"""A run keeps its name for as long as its room lives."""
SECURE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def entrance(_request: Request) -> Response:
    """The endpoint `GET /room`."""
    return await _page(pages.entrance, "./")


async def within(_request: Request) -> Response:
    """The endpoint `GET /room/`, which is the same place."""
    return RedirectResponse("../room")


async def open_room(request: Request) -> Response:
    """The endpoint `POST /room`."""
    register = rooms_of(request)
    try:
        asked = await _body(request)
        links, title = asked.get("links"), asked.get("title", "")
        if not isinstance(links, list) or not isinstance(title, str):
            raise Refused(UNREADABLE)
        if not all(isinstance(link, str) for link in links):
            raise Refused(UNREADABLE)
        if not 1 <= len(links) <= MOST_QUESTIONS:
            raise Refused(TOO_MANY)
        if len(title) > MOST_TITLE or not title.isprintable():
            raise Refused(f"A title has at most {MOST_TITLE} characters, on one line.")
        register.may_open(source_of(request))
        try:
            questions = await run_in_threadpool(lambda: [question_of(link) for link in links])
        except ValueError as error:
            raise Refused(str(error)) from None
        room = register.open(questions, title, source_of(request))
    except Refused as refused:
        return JSONResponse({"refused": refused.words}, refused.status, SECURE)
    return JSONResponse({"code": room.code, "secret": room.secret}, headers=SECURE)


async def student(request: Request) -> Response:
    """The endpoint `GET /room/{code}`."""
    try:
        room = _room(request)
    except Refused as refused:
        return await _again(request, refused, "../")
    return await _page(pages.student, "../", room.code)


async def wall(request: Request) -> Response:
    """The endpoint `GET /room/{code}/wall`; the secret stands in its fragment."""
    try:
        room = _room(request)
    except Refused as refused:
        return await _again(request, refused, "../../")
    return await _page(pages.wall, "../../", room.code)


async def _again(request: Request, refused: Refused, up: str) -> Response:
    """The entrance, with why one is there."""
    code = "".join(c for c in request.path_params["code"][:8] if c.isalpha())
    return await _page(pages.entrance, up, refused.words, code, status=refused.status)


async def _page(write: Any, *told: str, status: int = 200) -> Response:
    return HTMLResponse(await run_in_threadpool(write, *told), status, SECURE)


async def code_image(request: Request) -> Response:
    """The endpoint `GET /room/{code}/qr.svg`: the address where students join."""
    try:
        room = _room(request)
    except Refused as refused:
        return _refused(refused)
    address = request.query_params.get("address", "")
    base = address.removesuffix(f"/room/{room.code}")
    ours = [own_address(request.headers, base), *_other_hosts(request, base)]
    if base == address or base not in ours:
        return PlainTextResponse("This is no address of this room.", 400, SECURE)
    return Response(await run_in_threadpool(_drawn, address), 200, SECURE, "image/svg+xml")


def _other_hosts(request: Request, base: str) -> list[str]:
    """The addresses of this server that its own machine's browser does not call it by."""
    scheme = base.partition("://")[0]
    local = own_address(request.headers, f"{scheme}://{request.headers.get('host', '')}")
    folder = "/".join(base.split("/")[3:])
    return network.reached(f"{local}/{folder}".rstrip("/"), network.served_at()) if local else []


def _drawn(address: str) -> bytes:
    import io

    import segno

    made = io.BytesIO()
    segno.make_qr(address, error="m", boost_error=False).save(
        made, kind="svg", border=2, scale=8, light="white", xmldecl=False, omitsize=True
    )
    return made.getvalue()


async def run(request: Request) -> Response:
    """The endpoint `GET /room/{code}/run/{name}`: the recording of a run that has started."""
    try:
        room = _room(request)
    except Refused as refused:
        return _refused(refused)
    name = request.path_params["name"]
    for posed in room.room.posed:
        if posed.name and secrets.compare_digest(posed.name.encode(), name.encode()):
            assert posed.played is not None
            headers = {**SECURE, "Cache-Control": KEPT}
            return Response(posed.played.packed, 200, headers, "application/octet-stream")
    return PlainTextResponse(NO_RUN, 404, SECURE)


async def results(request: Request) -> Response:
    """The endpoint `POST /room/{code}/results.csv`; its body is {"secret": ...}."""
    try:
        room = _room(request)
        secret = (await _body(request)).get("secret")
        if not isinstance(secret, str) or not room.is_secret(secret):
            raise Refused(WRONG_SECRET, 403)
    except Refused as refused:
        return _refused(refused)
    name = f'attachment; filename="room-{room.code}.csv"'
    text = await run_in_threadpool(table, room.room.posed)
    headers = {**SECURE, "Content-Disposition": name}
    return Response(text.encode(), 200, headers, "text/csv; charset=utf-8")


async def live(websocket: WebSocket) -> None:
    """The endpoint `/room/{code}/live`."""
    if not same_origin(websocket.headers):
        await websocket.close(1008)
        return
    await websocket.accept()
    try:
        room = _room(websocket)
    except Refused as refused:
        with contextlib.suppress(*CLOSED):
            await websocket.send_text(messages.ended(refused.words))
            await websocket.close(GONE)
        return
    join = Join(room.code, websocket.headers, network.served_at())
    await Browser(websocket, room, join, source_of(websocket)).serve()


# What they have in common


def rooms_of(connection: Request | WebSocket) -> Rooms:
    """The rooms behind a request."""
    return getattr(connection.app.state, "rooms", None) or rooms()


def source_of(connection: Request | WebSocket) -> str:
    """The address it comes from."""
    return connection.client.host if connection.client is not None else ""


def _room(connection: Request | WebSocket) -> OpenRoom:
    """The room it names; `Refused` if there is none."""
    return rooms_of(connection).find(connection.path_params["code"], source_of(connection))


def _refused(refused: Refused) -> Response:
    return PlainTextResponse(refused.words, refused.status, SECURE)


async def _body(request: Request) -> Mapping[str, Any]:
    """The JSON object of a request of our own pages; `Refused` if it is none, or too long."""
    if not same_origin(request.headers):
        raise Refused(ELSEWHERE, 403)
    data, size = b"", 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_DRAINED:
            raise Refused(TOO_LONG, 413)
        data = data + part if size <= MOST_BODY else b""
    if size > MOST_BODY:
        raise Refused(TOO_LONG, 413)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused(UNREADABLE) from None
    if not isinstance(found, dict):
        raise Refused(UNREADABLE)
    return found
