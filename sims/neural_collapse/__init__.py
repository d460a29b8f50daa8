"""Neural collapse: features of a class become one point, and the points a simplex."""

from sims.core.experiment import Phenomenon
from sims.neural_collapse.collapse import metrics
from sims.neural_collapse.free_features import EXPERIMENT as FREE_FEATURES
from sims.neural_collapse.real_network import EXPERIMENT as REAL_NETWORK

PHENOMENON = Phenomenon(
    name="neural_collapse",
    title="Neural collapse",
    evidence="Universal phenomena",
    question="How fast do the features of one class shrink to a point?",
    story=(
        "Late in training the features of a class fall onto one point and the points onto the "
        "corners of a simplex. With decay on features and classifier all of it is known "
        "beforehand: size, angles, place and pace."
    ),
    experiments=(FREE_FEATURES, REAL_NETWORK),
)

__all__ = ["PHENOMENON", "metrics"]
