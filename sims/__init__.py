"""Simulations and theories of training phenomena: pure computation, nothing drawn.

Importing this package switches `jax_enable_x64` on: predictions are always float64, and several
runs need it (small initial weights are lost to rounding in float32).
"""

import jax

jax.config.update("jax_enable_x64", True)

from sims.api import list_experiments, predict, run, sweep  # noqa: E402

__version__ = "0.1.0"
__all__ = ["__version__", "list_experiments", "predict", "run", "sweep"]
