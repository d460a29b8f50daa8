"""The lazy/rich boundary over width and output scale, drawn before a single run."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.lazy_rich.phase_diagram import claims, params, theory, training, view

OBSERVABLES = {
    "train_loss": Observable("train loss", "L", scale="log"),
    "test_loss": Observable("test loss", "L'", scale="log"),
    "feature_change": Observable("relative change of the features", "R", scale="log"),
    "feature_change_final": Observable(
        "change of the features at the end", "R", "", (), "measured", "log"
    ),
    "test_loss_final": Observable("test loss at the end", "L'", "", (), "measured", "log"),
}

EXPERIMENT = Experiment(
    name="lazy_rich/phase_diagram",
    title="Phase diagram",
    question="Where does lazy end, at every width?",
    law=(
        r"R_\mathrm{pred}(\alpha^\dagger) = R^*\,,\qquad "
        r"\alpha^\dagger \approx \alpha^*/R^* \propto N^{-1/2}"
    ),
    regime="A crossover at a feature change of about a third; sharper below.",
    falsifier=(
        "one initial draw whose measured contour is more than 0.03 decades off the drawn one "
        "(0.15 for kinked activations)."
    ),
    exercise=(
        "Multiply the width by four at a fixed threshold. By how much does the boundary "
        r"move in $\alpha$? Read it off the law, then off the map."
    ),
    sources=(
        Source(
            "1812.07956",
            "L. Chizat, E. Oyallon and F. Bach",
            "On Lazy Training in Differentiable Programming",
            2018,
            "the output scale and the criterion",
        ),
        Source(
            "2205.09653",
            "B. Bordelon and C. Pehlevan",
            "Self-Consistent Dynamical Field Theory of Kernel Evolution in Wide Neural Networks",
            2022,
            "which scale stays the same as the width grows",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=params.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    cpu_seconds=params.seconds,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=claims.assumptions,
    simulation=training.simulation,
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=(),
    sweep_claims=claims.SWEEP_CLAIMS,
    view=view.VIEW,
    over=params.OVER,
    dtype=lambda _: claims.DTYPE,
    warnings=claims.warnings,
    default_seed=1,
)
