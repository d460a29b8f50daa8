"""The toy of the live channel, for what is thrown at it."""

from tests.app.live.conftest import toy_experiment, toy_figures

__all__ = ["toy_experiment", "toy_figures"]
