"""Edge of stability: training that rides the stability limit of its own step size."""

from sims.core.experiment import Phenomenon
from sims.edge_of_stability.neural_network import EXPERIMENT as NEURAL_NETWORK

PHENOMENON = Phenomenon(
    name="edge_of_stability",
    title="Edge of stability",
    evidence="universal phenomena",
    story=(
        "Networks sharpen as they learn, until the step size should throw them out. "
        "They stay exactly there: the loss spikes, yet it falls."
    ),
    experiments=(NEURAL_NETWORK,),
)
