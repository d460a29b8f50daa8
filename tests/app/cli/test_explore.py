"""`lmx` alone: what happens once the server answers."""

import pytest

from app.cli import explore


def test_the_browser_opens_before_what_is_installed_is_looked_for(monkeypatch: pytest.MonkeyPatch):
    happened: list[str] = []
    monkeypatch.setattr("app.server.serve", lambda _host, port, on_ready: on_ready(port))
    monkeypatch.setattr(explore, "_has_screen", lambda: True)
    monkeypatch.setattr(explore, "_list_what_is_added", lambda: happened.append("listed"))
    monkeypatch.setattr("webbrowser.open", happened.append)
    monkeypatch.setattr("os._exit", lambda _code: happened.append("over"))
    explore.served(8501, None, "auto", no_browser=False, public=False)
    assert happened == ["http://localhost:8501", "listed", "over"]
