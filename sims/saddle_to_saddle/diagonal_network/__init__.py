"""Diagonal linear network: one feature at a time, at log times known beforehand."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.saddle_to_saddle.diagonal_network import claims, params, theory, training, view

OBSERVABLES = {
    "loss": Observable("loss", "L"),
    "weights": Observable("weights", r"\beta_i", dims=("feature",)),
    "duals": Observable("duals, at ±1 where a feature is on", "s_i", dims=("feature",)),
    "gradient": Observable("gradient", r"\nabla_i L", dims=("feature",), at="snapshots"),
    "jump_times": Observable("jump times", "t_k", "time", ("jump",), "measured"),
    "weights_final": Observable("weights at the end", r"\beta_i", "", ("feature",), "measured"),
}

EXPERIMENT = Experiment(
    name="saddle_to_saddle/diagonal_network",
    title="Diagonal network",
    question="Which feature is switched on next, and after how long a wait?",
    law=(
        r"\tau_{k+1}-\tau_k = \min_i \frac{1-\operatorname{sign}(-g_i)\,s_i}{|g_i|}\,,\qquad "
        r"\tau = \frac{t}{\ln(1/\alpha)}"
    ),
    regime="The limit of a start α → 0, reached only like 1/ln(1/α); no feature nearly on.",
    falsifier=(
        "one seed whose loss leaves the staircase, or whose jump misses its log time, by more than "
        "the stated tolerance although ln(1/α) is at least 36."
    ),
    exercise=(
        r"The first feature is switched on at $\tau_1 = 1/\max_i |g_i|$. Show this from "
        "the law, and check it against the first jump."
    ),
    sources=(
        Source(
            "2304.00488",
            "S. Pesme and N. Flammarion",
            "Saddle-to-Saddle Dynamics in Diagonal Linear Networks",
            2023,
            "the jump algorithm",
        ),
        Source(
            "2208.14673",
            "R. Berthier",
            "Incremental Learning in Diagonal Linear Networks",
            2022,
            "features enter one at a time",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=params.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=claims.assumptions,
    simulation=training.simulation,
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    view=view.VIEW,
    notices=params.notices,
)
