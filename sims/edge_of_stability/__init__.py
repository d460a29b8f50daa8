"""Edge of stability: training that rides the stability limit of its own step size."""

from sims.core.experiment import Phenomenon
from sims.edge_of_stability.neural_network import EXPERIMENT as NEURAL_NETWORK
from sims.edge_of_stability.scalar_models import EXPERIMENT as SCALAR_MODELS
from sims.edge_of_stability.self_stabilisation import EXPERIMENT as SELF_STABILISATION

PHENOMENON = Phenomenon(
    name="edge_of_stability",
    title="Edge of stability",
    evidence="Empirical laws and hyperparameters",
    question="Why does the sharpness stop rising at 2/η?",
    story=(
        "Networks sharpen as they learn, until the step size should throw them out. "
        "They stay exactly there: the loss spikes, yet it falls."
    ),
    experiments=(NEURAL_NETWORK, SELF_STABILISATION, SCALAR_MODELS),
)
