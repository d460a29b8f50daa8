"""What the picture of the linear network shows of a prediction: levels, curves, moments."""

from __future__ import annotations

import numpy as np

from sims.saddle_to_saddle import mode_laws as laws
from sims.view import Known

MOST_SHOWN = 8
RANK_THRESHOLD = 0.05
GONE = 1e-9
"""Share of the largest loss below which a plateau counts as zero."""
FLOW = "mode_strengths_gradient_flow"


# What the spectrum says


def tied(known: Known) -> bool:
    """Whether two modes are so close that they mix, and single-mode curves mean nothing."""
    return laws.near_tie(known["spectrum"])


def apart(known: Known) -> bool:
    """Whether every mode is far from its neighbours."""
    return not tied(known)


def groups(s: np.ndarray, gap: float = 1e-6) -> list[np.ndarray]:
    """Indices of modes whose singular values are that close, strongest first."""
    return np.split(np.arange(s.size), np.flatnonzero(-np.diff(s) > gap * s[:-1]) + 1)


def visited(known: Known) -> list[int]:
    """Saddles rested on after the start: where one level of close modes is complete."""
    return [int(group[-1]) + 1 for group in groups(known["spectrum"], laws.NEAR_TIE)]


def modes(known: Known) -> range:
    """The modes that are drawn."""
    return range(min(known["spectrum"].size, MOST_SHOWN))


def strongest(known: Known) -> np.ndarray:
    """Singular values of the modes that are drawn."""
    return known["spectrum"][:MOST_SHOWN]


def has_levels(known: Known) -> bool:
    """Whether modes share singular values, in levels that are well apart."""
    s = known["spectrum"]
    found = groups(s)
    return tied(known) and len(found) < s.size and not laws.near_tie(s[[g[0] for g in found]])


def level_means(a: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Mean strength a/s of the modes of each level, (..., level)."""
    return np.stack([(a / s)[..., g].mean(axis=-1) for g in groups(s)], axis=-1)


def rank(sigma: np.ndarray, s: np.ndarray) -> np.ndarray:
    """How many singular values exceed 5 % of their own target."""
    sigma = sigma[..., : s.size]
    return (sigma > RANK_THRESHOLD * s[: sigma.shape[-1]]).sum(axis=-1).astype(float)


# What is predicted


def plateaus(known: Known) -> np.ndarray:
    """Losses of the start and of every plateau a run can rest on; NaN between."""
    if "plateau_losses" not in known:
        return np.zeros(0)
    kept = np.isin(np.arange(known["plateau_losses"].size), [0, *visited(known)])
    return np.where(kept, known["plateau_losses"], np.nan)


def start(known: Known) -> float:
    """Loss of the first plateau."""
    return float(next(iter(plateaus(known)), 1.0))


def lasting(known: Known) -> np.ndarray:
    """The plateaus above zero."""
    return np.where(plateaus(known) > GONE * start(known), plateaus(known), np.nan)


def nothing_left(known: Known) -> np.ndarray:
    """The plateau at zero, where there is one; the others are NaN."""
    return np.where(plateaus(known) > GONE * start(known), np.nan, 0 * plateaus(known))


def losses(known: Known) -> list[np.ndarray]:
    """Predicted losses, the one drawn as theory last; an escape is known up to its plateau."""
    curves = [known[name] for name in ("loss_gradient_flow", "loss") if name in known]
    if "loss_escape" in known:
        y, levels = known["loss_escape"], plateaus(known)
        first = float(levels[1]) if levels.size > 1 and np.isfinite(levels[1]) else 0.0
        late = np.flatnonzero(y < first + 0.02 * y[0])
        y = np.where(np.arange(y.size) > (late[0] if late.size else y.size), np.nan, y)
        curves = [*curves[-1:], y]
    return curves


def loss(known: Known) -> np.ndarray:
    """The loss drawn as theory."""
    if not (found := losses(known)):
        raise KeyError("loss")
    return found[-1]


def other_loss(known: Known) -> np.ndarray:
    """The second theory's loss."""
    if len(found := losses(known)) < 2:
        raise KeyError("loss_gradient_flow")
    return found[0]


def deepest(known: Known) -> float:
    """Something for the axis to hold where no curve is predicted."""
    return start(known) if losses(known) else 1e-3 * start(known)


def strengths(known: Known) -> np.ndarray:
    """Mode strengths of the map, or of gradient flow where no map is known."""
    return known["mode_strengths" if "mode_strengths" in known else FLOW]


def flow_strengths(known: Known) -> np.ndarray:
    """Those of gradient flow beside the map's."""
    return known[FLOW] if "mode_strengths" in known else known["mode_strengths"]


def reach(known: Known) -> list[float]:
    """Range of a/s that holds the first theory, from nothing to fully learned."""
    a = strengths(known) / known["spectrum"]
    a = a[np.isfinite(a)]  # past the edge the theory, too, leaves every range
    return [float(np.min(a, initial=0.0)) - 0.06, float(np.max(a, initial=1.0)) + 0.12]


def saddle_distances(known: Known) -> np.ndarray:
    """Distance to every saddle (record, saddle) if each mode stays on its own curve."""
    s, a = known["spectrum"], known["mode_strengths"]
    if tied(known):
        raise KeyError("mode_strengths")
    with np.errstate(over="ignore", invalid="ignore"):  # past the edge
        each = [
            ((s[:k] - a[:, :k]) ** 2).sum(1) + (a[:, k:] ** 2).sum(1) for k in range(s.size + 1)
        ]
        return np.sqrt(np.stack(each, axis=-1))


def gradients(known: Known) -> np.ndarray:
    """What the axis of the gradient holds where none is predicted."""
    if "gradient_norm" in known:
        return known["gradient_norm"]
    return known["spectrum"][0] * np.sqrt(2 * start(known)) * np.array([1e-5, 1.0])


def moments(known: Known) -> np.ndarray:
    """The moments between which the run rests, those that come."""
    singly = "jump_times" in known and apart(known)
    found = known["jump_times"] if singly else np.atleast_1d(known["first_escape_time"])
    return np.minimum(found[np.isfinite(found)], known["time"][-1])


def ways_down(known: Known) -> np.ndarray:
    """Negative curvatures at the start and at the saddles that are visited."""
    return known["negative_curvatures"][[0, *visited(known)]]


def ways_edges(known: Known) -> np.ndarray:
    """Times at which each of their numbers begins and ends."""
    edges = np.concatenate([[0.0], moments(known), [known["time"][-1]]])
    return np.repeat(edges[: ways_down(known).size + 1], 2)[1:-1]


def ways_stairs(known: Known) -> np.ndarray:
    """Their numbers, each twice, where all of them and the times between are known."""
    counts = ways_down(known)
    if not np.isfinite(counts).all() or counts.size > moments(known).size + 1:
        raise KeyError("negative_curvatures")
    return np.repeat(counts, 2)


def most_ways(known: Known) -> list[float]:
    """Range of the number of ways down."""
    top = float(np.nanmax(ways_down(known), initial=1.0))
    return [-0.06 * top - 0.5, 1.15 * top + 0.5]
