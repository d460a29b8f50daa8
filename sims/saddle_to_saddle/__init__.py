"""Saddle-to-saddle dynamics: learning in steps, each predicted before the run."""

from sims.core.experiment import Phenomenon
from sims.saddle_to_saddle.diagonal_network import EXPERIMENT as DIAGONAL_NETWORK
from sims.saddle_to_saddle.linear_network import EXPERIMENT as LINEAR_NETWORK
from sims.saddle_to_saddle.matrix_completion import EXPERIMENT as MATRIX_COMPLETION

PHENOMENON = Phenomenon(
    name="saddle_to_saddle",
    title="Saddle to saddle",
    evidence="Solvable settings",
    question="When does each part of the data get learned?",
    story=(
        "Started near zero, a network sits on plateaus and drops in steps. "
        "Each drop is one part of the data being learned, the strongest first."
    ),
    experiments=(LINEAR_NETWORK, DIAGONAL_NETWORK, MATRIX_COMPLETION),
)
