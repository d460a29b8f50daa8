"""Papers that every page leans on."""

from sims.core.experiment import Source

MAP_OF_EVIDENCE = Source(
    "2604.21691",
    "J. Simon and others",
    "There Will Be a Scientific Theory of Deep Learning",
    2026,
    "the map of evidence",
)
