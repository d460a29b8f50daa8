"""The page inside a notebook, which lives as long as the process that made it."""

from __future__ import annotations

import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from app.explorer import environment
from tests.e2e.driving import LONG

pytestmark = pytest.mark.e2e
KERNEL = """
import sims
made = sims.live("lazy_rich/one_neuron", angle=30.0, device="cpu")
print(made.address, flush=True)
print(made._repr_html_(), flush=True)
input()
"""


def _shown(html: str) -> ThreadingHTTPServer:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>A notebook</title>{html}".encode())

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    made = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=made.serve_forever, daemon=True).start()
    return made


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_a_page_in_a_notebook_runs_and_ends_with_its_kernel(page: Page):
    pipe = subprocess.PIPE
    kernel = subprocess.Popen(
        [sys.executable, "-c", KERNEL], stdin=pipe, stdout=pipe, text=True, env=environment()
    )
    assert kernel.stdin is not None
    assert kernel.stdout is not None
    try:
        address = kernel.stdout.readline().strip()
        notebook = _shown(kernel.stdout.readline())
        page.goto(f"http://127.0.0.1:{notebook.server_port}/")
        frame = page.frame_locator("iframe")
        expect(frame.locator("[data-state=ready]").first).to_be_visible(timeout=LONG)
        frame.get_by_role("button", name="Run", exact=True).first.click()
        expect(frame.locator("[data-state=done]").first).to_be_visible(timeout=LONG)
        page.goto("about:blank")
        notebook.shutdown()
        notebook.server_close()
        port = urlsplit(address).port
        assert port is not None
        assert _answers(port)
    finally:
        kernel.kill()
        kernel.communicate(timeout=20)
    for _ in range(200):
        if not _answers(port):
            return
        page.wait_for_timeout(50)
    pytest.fail("the server outlived its kernel")
