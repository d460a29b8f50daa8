"""Lazy and rich training: when a network is a kernel machine, and when it learns features."""

from sims.core.experiment import Phenomenon
from sims.lazy_rich.diagonal_network import EXPERIMENT as DIAGONAL_NETWORK
from sims.lazy_rich.one_neuron import EXPERIMENT as ONE_NEURON
from sims.lazy_rich.parity import EXPERIMENT as PARITY
from sims.lazy_rich.phase_diagram import EXPERIMENT as PHASE_DIAGRAM
from sims.lazy_rich.two_layer_network import EXPERIMENT as TWO_LAYER_NETWORK

PHENOMENON = Phenomenon(
    name="lazy_rich",
    title="Lazy and rich",
    evidence="Simplifying limits",
    question="Which solution does the size of the start select?",
    story=(
        "A network at a large output scale is a kernel machine with the kernel it was born with; "
        "at a small one it rebuilds its features. Where one becomes the other is known beforehand."
    ),
    experiments=(TWO_LAYER_NETWORK, DIAGONAL_NETWORK, ONE_NEURON, PARITY, PHASE_DIAGRAM),
)
