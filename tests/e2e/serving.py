"""Servers that a test may restart or put beneath a prefix, and proxies before them."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.explorer import environment

REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Explorer:
    """The command `lmx` at one address, in one process after another; `words` come first.

    `opened` is the page that it says.
    """

    def __init__(self, *words: str) -> None:
        self.words, self.opened = words, ""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "app.cli", *self.words, "--no-browser"]
        command += ["--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.opened = next(
            word for word in self.process.stdout.readline().split() if word.startswith(self.url)
        )

    def stop(self) -> None:
        """End it as a machine that is switched off does."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate(timeout=20)
            self.process = None


def _head(connection: socket.socket) -> bytes:
    """All of a request's head, and what came with it; nothing if the browser left."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return b""
        head += piece
    return head


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    for one in (source, sink):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


class _Forwarding(socketserver.BaseRequestHandler):
    """Hands one request on, as the server's `rewritten` has it: nothing of it is a refusal."""

    server: Any

    def handle(self) -> None:
        head = _head(self.request)
        if not head:
            return
        if b"\r\nupgrade: websocket" not in head.lower():
            head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"\r\nConnection: close", head)
        head = self.server.rewritten(head)
        if not head:
            self.request.sendall(REFUSAL)
            return
        with contextlib.suppress(OSError), socket.create_connection(self.server.upstream) as up:
            up.sendall(head)
            back = threading.Thread(target=_pass_on, args=(self.request, up), daemon=True)
            back.start()
            _pass_on(up, self.request)


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream: tuple[str, int], rewritten: Callable[[bytes], bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Forwarding)
        self.upstream, self.rewritten = upstream, rewritten


@contextlib.contextmanager
def _proxy(address: str, rewritten: Callable[[bytes], bytes]) -> Iterator[str]:
    host = urlsplit(address)
    with _Proxy((host.hostname or "localhost", host.port or 80), rewritten) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
        proxy.shutdown()


@contextlib.contextmanager
def refusing_proxy(address: str) -> Iterator[str]:
    """Address of a proxy before a server that answers 403 to every WebSocket."""

    def rewritten(head: bytes) -> bytes:
        return b"" if re.search(rb"\r\nupgrade: *websocket", head, re.IGNORECASE) else head

    with _proxy(address, rewritten) as found:
        yield found


@contextlib.contextmanager
def stripping_proxy(address: str, prefix: str) -> Iterator[str]:
    """Address beneath which a proxy shows a server, to which it does not tell the prefix.

    What lies elsewhere is refused, as another program there would.
    """
    beneath = re.compile(rb"^(\w+) " + re.escape(prefix.encode()) + rb"(/\S*)")

    def rewritten(head: bytes) -> bytes:
        return beneath.sub(rb"\1 \2", head) if beneath.match(head) else b""

    with _proxy(address, rewritten) as found:
        yield found + prefix


@contextlib.contextmanager
def served_by(*command: str, folder: Path) -> Iterator[int]:
    """The port at which a server answers that was started in a folder; {port} in its words."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [word.format(port=port) for word in command]
    variables = {**environment(), "LMX_CACHE_DIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "-m", *words], cwd=folder, env=variables,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < end, "the server never answered"
            time.sleep(0.05)
        else:
            return
