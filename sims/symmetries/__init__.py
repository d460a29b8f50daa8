"""Symmetries: what training cannot change, whatever is learned."""

from sims.core.experiment import Phenomenon
from sims.symmetries.conservation_laws import EXPERIMENT as CONSERVATION_LAWS
from sims.symmetries.normalised_weights import EXPERIMENT as NORMALISED_WEIGHTS

PHENOMENON = Phenomenon(
    name="symmetries",
    title="Symmetries",
    evidence="Empirical laws",
    question="What can training never change?",
    story=(
        "What a symmetry of the loss leaves alone, no gradient can change. Sums, spins and "
        "balances of weights follow laws that know neither data nor net, and what a step of "
        "finite size lets leak is known before the run. So is the angle by which a "
        "normalised neuron turns."
    ),
    experiments=(CONSERVATION_LAWS, NORMALISED_WEIGHTS),
)
