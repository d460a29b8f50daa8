"""Scaling laws: how loss falls with steps, width, batch and compute, known before the run."""

from sims.core.experiment import Phenomenon
from sims.scaling_laws.compute_frontier import EXPERIMENT as COMPUTE_FRONTIER
from sims.scaling_laws.critical_batch import EXPERIMENT as CRITICAL_BATCH
from sims.scaling_laws.learning_curve import EXPERIMENT as LEARNING_CURVE
from sims.scaling_laws.real_network import EXPERIMENT as REAL_NETWORK

PHENOMENON = Phenomenon(
    name="scaling_laws",
    title="Scaling laws",
    evidence="Empirical laws",
    question="What do more steps, more size and more compute buy?",
    story=(
        "Loss falls along straight lines on logarithmic paper. On data whose spectrum is a power "
        "law, one recursion knows these lines beforehand, for every schedule, size and batch."
    ),
    experiments=(LEARNING_CURVE, COMPUTE_FRONTIER, CRITICAL_BATCH, REAL_NETWORK),
)
