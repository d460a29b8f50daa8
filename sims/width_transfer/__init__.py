"""Width transfer: what becomes of a learning rate when the net is made wider."""

from sims.core.experiment import Phenomenon
from sims.width_transfer.coordinate_check import EXPERIMENT as COORDINATE_CHECK
from sims.width_transfer.one_step import EXPERIMENT as ONE_STEP

PHENOMENON = Phenomenon(
    name="width_transfer",
    title="Width transfer",
    evidence="Hyperparameters",
    question="Which learning rate does a wider net need?",
    story=(
        "The learning rate of a narrow net is worthless for a wide one, or exactly right. Which of "
        "the two depends on powers of the width that pen and paper give."
    ),
    experiments=(ONE_STEP, COORDINATE_CHECK),
)
