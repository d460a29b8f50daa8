"""Singular learning: how degenerate the minimum is that training ends in."""

from sims.core.experiment import Phenomenon
from sims.singular_learning.local_learning_coefficient import EXPERIMENT as COEFFICIENT

PHENOMENON = Phenomenon(
    name="singular_learning",
    title="Singular learning",
    evidence="Simplifying limits",
    question="How much of a network does what it has learned really use?",
    story=(
        "A trained network does not sit at the bottom of a bowl: along whole valleys nothing "
        "changes. Warm it up a little, and its loss says how many of its weights count."
    ),
    experiments=(COEFFICIENT,),
)
