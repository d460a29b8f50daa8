"""The files a browser needs, as they are served."""

import pytest
from plotly.offline import get_plotlyjs_version
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.assets import asset
from app.live.server import assets, routes


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=routes.routes())) as made:
        yield made


def test_plotly_is_the_one_that_the_installed_package_draws_for():
    assert get_plotlyjs_version() == assets.PLOTLY_VERSION


def test_plotly_comes_with_its_licence():
    assert "Plotly" in asset("plotly/LICENSE").read_text("utf-8")


def test_plotly_is_kept_for_ever_under_its_version_only(client):
    kept = client.get(f"/lmx/plotly.js?{assets.PLOTLY_VERSION}")
    assert "immutable" in kept.headers["cache-control"]
    for query in ("", "?4.0.0"):
        plain = client.get(f"/lmx/plotly.js{query}")
        assert plain.headers["cache-control"] == "no-cache"
        assert plain.text == kept.text == assets.PLOTLY.read_text("utf-8")
    again = client.get("/lmx/plotly.js", headers={"if-none-match": kept.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/lmx/plotly.js", headers={"accept-encoding": ""}).text == kept.text
