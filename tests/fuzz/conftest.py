"""The toy of the live channel, and pages without a hub, for what is thrown at them."""

from tests.app.conftest import hub as still_hub
from tests.app.live.conftest import toy_experiment, toy_figures

__all__ = ["still_hub", "toy_experiment", "toy_figures"]
