"""Simulations and theories of training phenomena: pure computation, nothing drawn.

Importing this package switches `jax_enable_x64` on: predictions are always float64, and several
runs need it (small initial weights are lost to rounding in float32). It keeps the matrix products
of numpy and scipy on one thread: with two, a prediction's rounding, and with it its hash, depends
on the number of cores, and beside a run each waits, spinning, for a core that is taken. Where JAX
was told to leave the CPU out, it is added at the end: theory is computed there. A GPU's memory is
taken as it is needed, not three quarters of it at once, unless the environment says otherwise.

JAX has threads, which a fork does not copy: after the first call share work among processes by
`multiprocessing.get_context("spawn")`. In a process that was forked, every call is refused.
"""

import os

for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"

GPU_MEMORY = (
    "XLA_PYTHON_CLIENT_PREALLOCATE", "XLA_CLIENT_MEM_FRACTION", "XLA_PYTHON_CLIENT_MEM_FRACTION",
    "XLA_PYTHON_CLIENT_ALLOCATOR",
)  # fmt: skip
"""What a user may have said of it; a card is often shared."""
if not any(name in os.environ for name in GPU_MEMORY):
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"

import jax  # noqa: E402
from threadpoolctl import threadpool_limits  # noqa: E402

threadpool_limits(1, user_api="blas")  # of what was loaded before this package
jax.config.update("jax_enable_x64", True)

from sims.core.devices import keep_the_cpu  # noqa: E402

keep_the_cpu()

from sims.api import compare_runs, list_experiments, predict, read, run, same, sweep  # noqa: E402
from sims.core.archive import NotWritten  # noqa: E402
from sims.core.experiment import (  # noqa: E402
    NEVER,
    NOTHING_CHANGES,
    Assumption,
    Baseline,
    Claim,
    Experiment,
    Observable,
    Preset,
    Source,
    SweepClaim,
)
from sims.core.knobs import knob, parameters  # noqa: E402
from sims.core.schedule import Schedule  # noqa: E402
from sims.notebook import live, show  # noqa: E402

__version__ = "0.1.0"
__all__ = [
    "NEVER", "NOTHING_CHANGES", "Assumption", "Baseline", "Claim", "Experiment", "NotWritten",
    "Observable", "Preset", "Schedule", "Source", "SweepClaim", "__version__", "compare_runs",
    "knob", "list_experiments", "live", "parameters", "predict", "read", "run", "same", "show",
    "sweep",
]  # fmt: skip
