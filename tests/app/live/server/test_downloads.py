"""A job's hand-outs, over the routes."""

import io
from collections.abc import Iterator

import pypdf
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.live.server import routes
from app.live.server.hub import Hub
from tests.app.live.server.readers import wait_for

HERE = "http://testserver/"


NAME = "lazy_rich/one_neuron"


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    made = Hub()
    yield made
    made.close()


@pytest.fixture
def client(hub: Hub):
    app = Starlette(routes=routes.routes())
    app.state.hub = hub
    return TestClient(app)


@pytest.fixture
def token(hub: Hub) -> str:
    made = hub.submit("me", NAME, {"dt": 0.01}, device="cpu")
    hub.attach(made, lambda: None)
    wait_for(lambda: hub.job(made).forecast.is_whole, 60)
    return made


def said(answer) -> str:
    (page,) = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return "".join(page.extract_text().split())


def test_hand_outs_can_be_had_before_the_run_and_after_it(client, hub: Hub, token: str):
    before = client.get(f"/files/{token}/handout.pdf")
    assert before.status_code == 200
    assert before.headers["content-type"] == "application/pdf"
    stem = hub.job(token).forecast.settings[0].stem
    assert f'filename="{stem}-handout.pdf"' in before.headers["content-disposition"]
    assert "Lands" not in said(before)
    hub.control(token, "run")
    wait_for(lambda: hub.job(token).stage == "done", 60)
    assert "Lands" in said(client.get(f"/files/{token}/handout.pdf"))
    blank = client.get(f"/files/{token}/handout_blank.pdf")
    assert f'filename="{stem}-handout_blank.pdf"' in blank.headers["content-disposition"]
    assert "Lands" not in said(blank)
    assert "drawwhatyouexpect" in said(blank)


def test_the_code_leads_to_the_address_that_the_browser_has_if_it_is_of_this_host(
    client, token: str
):
    page = f"/files/{token}/handout.pdf"
    assert f"{HERE}maths/lazy_rich-one_neuron" in said(
        client.get(page, params={"server": f"{HERE}maths/"})
    )
    for other in ("https://elsewhere.example/", "javascript:alert(1)", ""):
        text = said(client.get(page, params={"server": other}))
        assert "elsewhere" not in text
        assert "lmxrun" in text


def test_what_is_no_hand_out_or_gone_is_said_in_a_sentence(client):
    gone = client.get("/files/nobody/handout.pdf")
    assert (gone.status_code, gone.text) == (
        404, "This run is gone; open its page again to make it anew.",
    )  # fmt: skip
    assert client.get("/files/nobody/poster.pdf").status_code == 404
