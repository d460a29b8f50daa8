"""Servers that a test may restart, and a proxy that lets no WebSocket through."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Explorer:
    """The command `lmx` at one address, in one process after another."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "app.cli", "--no-browser", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.url in self.process.stdout.readline()

    def stop(self) -> None:
        """End it as a machine that is switched off does."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate(timeout=20)
            self.process = None


class _Refusing(socketserver.BaseRequestHandler):
    """Hands one request on, unless it asks for a WebSocket."""

    server: Any

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.request.recv(65536)
            if not piece:
                return
            head += piece
        if re.search(rb"\r\nupgrade: *websocket", head, re.IGNORECASE):
            self.request.sendall(REFUSAL)
            return
        head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"\r\nConnection: close", head)
        with contextlib.suppress(OSError), socket.create_connection(self.server.upstream) as up:
            up.sendall(head)
            while piece := up.recv(65536):
                self.request.sendall(piece)


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Refusing)
        self.upstream = upstream


@contextlib.contextmanager
def refusing_proxy(address: str) -> Iterator[str]:
    """Address of a proxy before a server that answers 403 to every WebSocket."""
    host = urlsplit(address)
    with _Proxy((host.hostname or "localhost", host.port or 80)) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
        proxy.shutdown()
