"""Grokking: when a network understands what it had long learned by heart, and why."""

from sims.core.experiment import Phenomenon
from sims.grokking.fourier_staircase import EXPERIMENT as FOURIER_STAIRCASE
from sims.grokking.linear_estimator import EXPERIMENT as LINEAR_ESTIMATOR
from sims.grokking.modular_addition import EXPERIMENT as MODULAR_ADDITION
from sims.grokking.phase_diagram import EXPERIMENT as PHASE_DIAGRAM
from sims.grokking.weight_decay_timing import EXPERIMENT as WEIGHT_DECAY_TIMING

PHENOMENON = Phenomenon(
    name="grokking",
    title="Grokking",
    evidence="Solvable settings",
    question="How long after memorising does it generalise?",
    story=(
        "A network is right about every sample it was shown long before it is right about the "
        "others. When the rest follows, and what will have been learned, is known beforehand."
    ),
    experiments=(
        LINEAR_ESTIMATOR,
        MODULAR_ADDITION,
        WEIGHT_DECAY_TIMING,
        FOURIER_STAIRCASE,
        PHASE_DIAGRAM,
    ),
)
