"""Six learning-rate schedules on the same samples: every curve is drawn before the race."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.scaling_laws import races
from sims.scaling_laws.learning_curve import claims, params, theory, training, view

OBSERVABLES = {
    "loss": Observable("loss", "L", dims=("schedule",), scale="log"),
    "scatter": Observable("loss from scattered weights", "", dims=("schedule",), scale="log"),
    "one_line": Observable("with pen and paper", "L(t)", scale="log"),
    "loss_final": Observable("end loss", "L(T)", dims=("schedule",), at="measured", scale="log"),
    "best_final": Observable("end loss of the winner", "L(T)", at="measured", scale="log"),
    "pair_order": Observable("order of two schedules", dims=("pair",), at="measured"),
    "landscape": Observable("end loss", "L(T)", dims=("peak", "schedule"), at="measured"),
}

EXPERIMENT = Experiment(
    name="scaling_laws/learning_curve",
    title="Learning curve",
    question="Which learning-rate schedule wins, and can it be known before the run?",
    law=(
        r"c_j\leftarrow\left[(1-\eta_t\lambda_j)^2+\frac{\eta_t^2\lambda_j^2}B\right]c_j+"
        r"\frac{\eta_t^2}B\lambda_j(\lambda\cdot c+s^2)\,,\qquad "
        r"\bar L=\lambda\cdot c+\mathrm{tail}"
    ),
    regime=(
        "The exact mean for fresh Gaussian samples; a few runs show it while noise feeds back "
        "a tenth of the loss at most."
    ),
    falsifier=(
        "one race on fresh samples, F below a tenth, whose mean leaves its line by six predicted "
        "standard errors, or that ends in another order."
    ),
    exercise=(
        r"At which level does the constant rate stop? It feeds back a share $F$ of the loss, and "
        r"has $s^2 = \sigma^2 + \mathrm{tail}$ to be noisy about."
    ),
    sources=(
        Source(
            "2106.02713",
            "B. Bordelon, C. Pehlevan",
            "Learning Curves for SGD on Structured Features",
            2021,
            "the exact averages, and that they do for real networks",
        ),
        Source(
            "2405.15074",
            "E. Paquette, C. Paquette, L. Xiao, J. Pennington",
            "4+3 Phases of Compute-Optimal Neural Scaling Laws",
            2024,
            "edge, phases and exponents",
        ),
        Source(
            "2509.19189",
            "B. Li and others",
            "Functional Scaling Laws in Kernel Regression: Loss Dynamics and Learning Rate "
            "Schedules",
            2025,
            "any schedule, with constants that are fitted",
        ),
        Source(
            "2602.06797",
            "B. Li and others",
            "Optimal Learning-Rate Schedules under Functional Scaling Laws",
            2026,
            "the exponent 2a − 1 of the schedule power",
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
    init=training.init,
    step=training.step,
    observe=training.observe,
    measure=races.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    sweep_claims=claims.SWEEP_CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    dtype=lambda _: "float32",
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
)
