"""In-context learning: what a layer of attention learns to read from its context, and when."""

from sims.core.experiment import Phenomenon
from sims.in_context.linear_attention import EXPERIMENT as LINEAR_ATTENTION

PHENOMENON = Phenomenon(
    name="in_context",
    title="In-context learning",
    evidence="Solvable settings",
    question="How does a network learn to learn from its context?",
    story=(
        "A layer of attention reads examples of a task it has never seen, and answers the next "
        "question. Without a softmax it can be solved: it learns one direction of the task after "
        "another, and what it does in the end is one step of gradient descent."
    ),
    experiments=(LINEAR_ATTENTION,),
)
