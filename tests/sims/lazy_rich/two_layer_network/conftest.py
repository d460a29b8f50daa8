from collections.abc import Callable
from typing import Any

import pytest

from sims.lazy_rich.two_layer_network import EXPERIMENT


@pytest.fixture(scope="session")
def trained(judged) -> Callable[..., Any]:
    """Runs of the network with their verdicts, each computed once."""
    known: dict[Any, Any] = {}

    def made(preset: str | None = None, **knobs: Any) -> Any:
        key = (preset, tuple(sorted(knobs.items())))
        if key not in known:
            known[key] = judged(EXPERIMENT, preset, **knobs)
        return known[key]

    return made
