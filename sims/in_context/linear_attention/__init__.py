"""Linear attention: when a layer learns to read a task from its context, and how well."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.in_context.linear_attention import (
    claims,
    params,
    prediction,
    presets,
    training,
    view,
)

OBSERVABLES = {
    "loss": Observable("loss", "L"),
    "strengths": Observable("strength of each direction", "s_d", dims=("component",)),
    "unexplained": Observable("what no U explains", "", "of the answers", scale="log"),
    "matrix": Observable(
        "what the layer implements", "U", dims=("input", "input2"), at="snapshots"
    ),
    "losses_at_lengths": Observable(
        "loss at other lengths", "L(n)", dims=("length",), at="snapshots", scale="log"
    ),
    "jump_times": Observable("times of the falls", "t_d", "time", ("component",), "measured"),
    "plateau_losses": Observable("losses of the rests", "L_m", "", ("plateau",), "measured"),
    "answers_final": Observable("final answers", r"\hat y", "", ("sequence",), "measured"),
    "context_loss": Observable(
        "loss at other lengths", "L(n)", dims=("length",), at="measured", scale="log"
    ),
    "loss_final": Observable("final loss", "L", at="measured"),
}

EXPERIMENT = Experiment(
    name="in_context/linear_attention",
    title="Linear attention",
    question="When does attention learn to read each direction of a task, and how well?",
    law=(
        r"\hat y=\beta^{\top}Ux_q,\ \ \beta=\tfrac1N\sum_n y_nx_n,\qquad "
        r"L_m=\operatorname{tr}\Lambda-\sum_{d\le m}\frac{\lambda_d}{a_d},\ \ "
        r"a_d=1+\tfrac1N\Bigl(1+\tfrac{\operatorname{tr}\Lambda+\sigma^2}{\lambda_d}\Bigr)"
    ),
    regime=(
        "One attention layer without softmax, heads of rank one, Gaussian inputs, fresh "
        "sequences, values that start on labels, a small start, quiet steps."
    ),
    falsifier=(
        "one run, all assumptions held, that rests off a predicted level or learns a component "
        "outside the band stated for it."
    ),
    exercise=(
        r"Halve the size $\alpha$ of the start. Which of the falls come twice as late, and which "
        "of the levels move?"
    ),
    sources=(
        Source(
            "2501.16265",
            "Y. Zhang, A. K. Singh, P. E. Latham and A. Saxe",
            "Training Dynamics of In-Context Learning in Linear Attention",
            2025,
            "the reduction, the levels, merged against separate keys and queries",
        ),
        Source(
            "2506.06489",
            "D. Kunin and others",
            "Alternating Gradient Flows: A Theory of Feature Learning in Two-layer Neural Networks",
            2025,
            "how a small head grows until it falls",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=presets.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=prediction.predict,
    assumptions=claims.assumptions,
    simulation=training.simulation,
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    feasible=params.feasible,
    redrawn=("test_", "longer_"),
    dtype=lambda _: "float32",
)
