"""Which pages may show the explorer in a frame."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app import framed
from app.cli.explore import let_frame
from app.server import has_stage

PAGE = "/lazy_rich-parity"
A, B = "https://a.example", "http://b.example:8080"


def answered(path):
    page = Route("/file", lambda request: PlainTextResponse("data"))
    rest = Route("/{path:path}", lambda request: HTMLResponse("<p>page</p>"))
    made = Starlette(
        routes=[page, rest], middleware=[Middleware(framed.Framed, has_stage=has_stage)]
    )
    with TestClient(made) as client:
        return client.get(path).headers.get("content-security-policy")


@pytest.mark.parametrize("query", ["stage", "stage=1", "stage=true&alpha=0.1", "stage=0&stage=1"])
def test_any_page_may_frame_the_stage_alone(query):
    assert answered(f"{PAGE}?{query}") == "frame-ancestors *"


@pytest.mark.parametrize(
    "path",
    [
        PAGE, f"{PAGE}?alpha=0.1", f"{PAGE}?stage=0", f"{PAGE}?stage=1&stage=0",
        f"{PAGE}?stage=perhaps", f"{PAGE}?embed=true", f"{PAGE}?a=%26stage=1",
        "/?stage", "/home?stage", "/ledger?stage", "/write-your-own?stage=1", "/room?stage",
    ],
)  # fmt: skip
def test_no_page_may_frame_anything_else(path):
    assert answered(path) == "frame-ancestors 'none'"


def test_what_is_no_page_says_nothing():
    assert answered("/file") is None


def test_hosts_that_are_named_may_frame_all_pages_and_others_none(monkeypatch):
    monkeypatch.setenv(framed.PARENTS, f"{A}  {B}")
    for path in (PAGE, f"{PAGE}?stage", "/"):
        assert answered(path) == f"frame-ancestors {A} {B}"


@pytest.mark.parametrize("named", [A, B, "https://*.example.org", "*", "'self' https://a.example"])
def test_the_command_names_them(monkeypatch, named):
    monkeypatch.setenv(framed.PARENTS, "")
    let_frame(named)
    assert answered(PAGE) == f"frame-ancestors {named}"


@pytest.mark.parametrize(
    "named",
    ["a.example", "https://a.example; script-src *", f"{A}, {B}", "javascript:1", "none\n*"],
)
def test_what_names_no_host_is_one_sentence(monkeypatch, named):
    monkeypatch.setenv(framed.PARENTS, "")
    with pytest.raises(ValueError, match=r"^[^\n]+ names no page that may frame this one: give"):
        let_frame(named)
