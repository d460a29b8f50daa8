"""Pages in Streamlit's test runner, without a hub behind them."""

import pytest


class StillHub:
    """Takes note of what a page submits and mounts; computes nothing."""

    def __init__(self):
        self.submitted = []
        self.mounted = []

    def submit(self, _owner, experiment, values, seed, seeds, **more):
        self.submitted.append((experiment, dict(values), seed, seeds, more))
        return f"token{len(self.submitted)}"

    def await_view(self, _token):
        return True

    def cost(self, _token):
        return {"seconds": 0.03, "memory": 2e6}

    def release(self, _owner):
        pass


@pytest.fixture
def hub(monkeypatch):
    made = StillHub()
    monkeypatch.setattr("app.live.server.hub.hub", lambda: made)
    monkeypatch.setattr(
        "app.live.component.live", lambda token, page, **_how: made.mounted.append((token, page))
    )
    return made
