"""Self-stabilisation: one cycle of sharpness and oscillation after a kick of known size."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.edge_of_stability.self_stabilisation import claims, params, theory, training, view

OBSERVABLES = {
    "loss": Observable("loss", "L", scale="log"),
    "sharpness_gap": Observable("sharpness above the edge, at the midpoint", r"\lambda_1-2/\eta"),
    "displacement": Observable("displacement along the top eigenvector", "x"),
    "overshoot": Observable("overshoot", r"y_\max", "", (), "measured"),
    "overshoot_step": Observable("step of the overshoot", r"j_\max", "steps", (), "measured"),
    "return_step": Observable("return below the edge", "j_0", "steps", (), "measured"),
}

EXPERIMENT = Experiment(
    name="edge_of_stability/self_stabilisation",
    title="One cycle",
    question="How far does the sharpness overshoot 2/η, and what brings it back?",
    law=(
        r"x_{t+1} = -(1+\eta y_t)\,x_t\,,\qquad "
        r"y_{t+1} = y_t + \eta\left(\alpha - \tfrac{b}{2}x_t^2\right)"
    ),
    regime="One cycle after a small kick, while only one direction is at the edge.",
    falsifier=(
        "one seed whose overshoot is more than 3 to 6 % off the map, or more than 3 steps and 5 % "
        "early or late, while every assumption is held."
    ),
    exercise=(
        "Make the kick a hundred times smaller. By how much should the square of the "
        "overshoot grow? Derive it from the law, then measure it."
    ),
    sources=(
        Source(
            "2209.15594",
            "A. Damian, E. Nichani and J. D. Lee",
            "Self-Stabilization: The Implicit Bias of Gradient Descent at the Edge of Stability",
            2022,
            "the cycle, α and b",
        ),
        Source(
            "2103.00065",
            "J. M. Cohen, S. Kaur, Y. Li, J. Z. Kolter and A. Talwalkar",
            "Gradient Descent on Neural Networks Typically Occurs at the Edge of Stability",
            2021,
            "the edge 2/η",
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
    init=training.init,
    step=training.step,
    observe=training.observe,
    refresh=training.refresh,
    measure=claims.measure,
    observables=OBSERVABLES,
    view=view.VIEW,
    claims=claims.CLAIMS,
    warnings=claims.warnings,
)
