"""The critical batch: how far it pays to double the batch, before any run."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.scaling_laws.critical_batch import claims, params, theory, training, view

OBSERVABLES = {
    "loss": Observable("excess loss", "L", dims=("batch",), scale="log"),
    "noise_scale_curve": Observable("noise scale", r"B_\mathrm{noise}", "samples", scale="log"),
    "steps_to_target": Observable(
        "steps to the target", "S", "steps", dims=("batch",), at="measured", scale="log"
    ),
    "steps_best": Observable(
        "steps at the best rate", "S", "steps", dims=("batch",), at="measured", scale="log"
    ),
    "hyperbola": Observable(
        "steps by the hyperbola", "S", "steps", dims=("batch",), at="measured", scale="log"
    ),
    "critical_batch": Observable(
        "critical batch", r"B_\mathrm{crit}", "samples", at="measured", scale="log"
    ),
    "noise_scale": Observable(
        "noise scale at the target", r"B_\mathrm{noise}", "samples", at="measured", scale="log"
    ),
}

EXPERIMENT = Experiment(
    name="scaling_laws/critical_batch",
    title="Critical batch",
    question="How far can the batch grow before doubling it no longer halves the steps?",
    law=(
        r"S(B)=S_\mathrm{min}\left(1+\frac{B_\mathrm{crit}}{B}\right),\qquad "
        r"B_\mathrm{crit}\approx\frac{\mathrm{tr}\,\Sigma}{|G|^2}"
    ),
    regime=(
        "The steps are exact for fresh Gaussian samples and one rate for each batch size; the "
        "hyperbola is a rule of thumb, good to a quarter at the best rate of each."
    ),
    falsifier=(
        "one batch size whose steps to the target leave the line by four standard errors, while "
        "noise feeds back at most a tenth of the loss."
    ),
    exercise=(
        r"With $S_\mathrm{min}=20$ and $B_\mathrm{crit}=60$: how many steps, and how many samples, "
        r"does a batch of 60 need, and one of 240?"
    ),
    sources=(
        Source(
            "1812.06162",
            "S. McCandlish, J. Kaplan, D. Amodei and the OpenAI Dota Team",
            "An Empirical Model of Large-Batch Training",
            2018,
            "the hyperbola and the noise scale",
        ),
        Source(
            "2106.02713",
            "B. Bordelon and C. Pehlevan",
            "Learning Curves for SGD on Structured Features",
            2021,
            "the exact averages of SGD",
        ),
        Source(
            "2405.15074",
            "E. Paquette, C. Paquette, L. Xiao and J. Pennington",
            "4+3 Phases of Compute-Optimal Neural Scaling Laws",
            2024,
            "the edge beyond which the mean loss grows",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=params.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=(claims.light_tails, claims.best_rates, claims.many_steps),
    simulation=training.simulation,
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    feasible=params.feasible,
    dtype=lambda _: "float32",
)
