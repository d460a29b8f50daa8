"""Representations: what a network writes its features with, and where it puts them."""

from sims.core.experiment import Phenomenon
from sims.representations.superposition import EXPERIMENT as SUPERPOSITION
from sims.representations.universality import EXPERIMENT as UNIVERSALITY
from sims.representations.word_vectors import EXPERIMENT as WORD_VECTORS

PHENOMENON = Phenomenon(
    name="representations",
    title="Representations",
    evidence="Universal phenomena",
    question="Which shape do features take, and do two networks choose the same?",
    story=(
        "Features have places: as arrows in a plane too small for them, as words among words. "
        "Where each of them goes can be worked out before the first step."
    ),
    experiments=(SUPERPOSITION, UNIVERSALITY, WORD_VECTORS),
)
