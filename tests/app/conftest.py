"""Pages in Streamlit's test runner, without a hub behind them."""

import pytest

from app.live.server.hub import Asked
from app.live.server.recipe import experiment_named
from app.live.server.swept import settings_of


class StillHub:
    """Takes note of what a page submits and mounts; computes nothing."""

    def __init__(self):
        self.submitted = []
        self.mounted = []

    def ask(self, _owner, recipe):
        """Prepares as the hub does, here and now."""
        try:
            (setting, *_) = settings_of(experiment_named(recipe.experiment), recipe)
            setting.prepare()
        except ValueError as error:
            return Asked("", None, str(error))
        if not self.submitted or self.submitted[-1].key != recipe.key:
            self.submitted.append(recipe)
        return Asked(f"token{len(self.submitted)}", setting.setup)

    def await_view(self, _token):
        return True

    def await_painted(self, _token):
        return True

    def control(self, token, _action):
        return token

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
