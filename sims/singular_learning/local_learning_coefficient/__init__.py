"""A two-layer linear network is trained, then warmed up: how many of its weights count."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.singular_learning.local_learning_coefficient import (
    claims,
    params,
    theory,
    training,
    view,
)

OBSERVABLES = {
    "loss": Observable("loss", "K", scale="log"),
    "heated_loss": Observable("heated loss", r"t\langle K - K_0\rangle"),
    "heated_loss_now": Observable("heats of the chains", r"t\,(K - K_0)", dims=("chain",)),
    "lambda_": Observable("local learning coefficient", r"\lambda", at="measured"),
    "lambda_final": Observable("measured learning coefficient", r"\hat\lambda", at="measured"),
    "exact_lambda": Observable("exact heated loss", r"t\langle K\rangle_t", at="measured"),
}

EXPERIMENT = Experiment(
    name="singular_learning/local_learning_coefficient",
    title="Local learning coefficient",
    question="How many of its weights does a trained network really use?",
    law=(
        r"t\,\langle K\rangle_t \to \lambda = \tfrac12\left(Na+Mb-ab\right) + "
        r"\lambda_0(M-a,\,N-b,\,H-a-b+r),\qquad a=\operatorname{rank}A,\ b=\operatorname{rank}B"
    ),
    regime=(
        "Two-layer linear network with white inputs, trained to the end; cold, on a weak leash."
    ),
    falsifier=(
        "one network, trained to the end and heated gently, whose loss rises by another multiple "
        "of the temperature than λ, beyond the stated 5 to 9 %."
    ),
    exercise=(
        r"Count the sharp directions of a network of 6, 6 and 6 units that has learned a map of "
        r"rank one, $N + M - 1$, and add half of them to what the valleys are worth, $9.5$."
    ),
    sources=(
        Source(
            "2308.12108",
            "E. Lau, Z. Furman, G. Wang, D. Murfet, S. Wei",
            "The Local Learning Coefficient: A Singularity-Aware Complexity Measure",
            2023,
            "the local learning coefficient and its estimator",
        ),
        Source(
            "2402.03698",
            "Z. Furman, E. Lau",
            "Estimating the Local Learning Coefficient at Scale",
            2024,
            "the estimator on deep linear networks, whose coefficients are known",
        ),
        Source(
            "2406.06158",
            "D. Kunin, A. Raventós, C. Dominé, F. Chen, D. Klindt, A. Saxe, S. Ganguli",
            "Get rich quick: exact solutions reveal how unbalanced initializations promote rapid "
            "feature learning",
            2024,
            "what training conserves",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=params.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=claims.ASSUMPTIONS,
    simulation=training.simulation,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    measure=claims.measure,
    view=view.VIEW,
    controls=claims.CONTROLS,
    dtype=lambda _: "float32",
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
)
