"""Kernel regression: what examples teach a machine whose features do not move."""

from sims.core.experiment import Phenomenon
from sims.kernel_regression.double_descent import EXPERIMENT as DOUBLE_DESCENT
from sims.kernel_regression.learning_curve import EXPERIMENT as LEARNING_CURVE
from sims.kernel_regression.random_labels import EXPERIMENT as RANDOM_LABELS

PHENOMENON = Phenomenon(
    name="kernel_regression",
    title="Kernel regression",
    evidence="Simplifying limits",
    question="How much do examples teach, and when does more size hurt?",
    story=(
        "Where features stay as they were born, learning is regression with a kernel. Its spectrum "
        "alone says beforehand how wrong the network will be on data it never saw."
    ),
    experiments=(LEARNING_CURVE, DOUBLE_DESCENT, RANDOM_LABELS),
)
