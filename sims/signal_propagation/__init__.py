"""Signal propagation: what depth alone does to inputs and gradients, before any training."""

from sims.core.experiment import Phenomenon
from sims.signal_propagation.order_chaos import EXPERIMENT as ORDER_CHAOS

PHENOMENON = Phenomenon(
    name="signal_propagation",
    title="Signal propagation",
    evidence="Simplifying limits",
    question="Which random nets can be trained when they are deep?",
    story=(
        "Before it has learned anything, a deep net makes one point of all inputs, or a tangle. "
        "Two variances decide, and on the line between both a gradient finds its way back."
    ),
    experiments=(ORDER_CHAOS,),
)
