"""The four phases of learning over weight decay and initial scale."""

from sims.core.experiment import Experiment, Observable, Source
from sims.grokking.phase_diagram import params, phases, theory, training, view

OBSERVABLES = {
    "train_loss": Observable("train loss", "L", scale="log"),
    "test_loss": Observable("test loss", "L'", scale="log"),
    "train_accuracy": Observable("train accuracy", "A"),
    "test_accuracy": Observable("test accuracy", "A'"),
    "weight_norm": Observable("norm of all weights", r"|\theta|"),
    "train_step": Observable("step with train accuracy 0.9", "n", "steps", (), "measured"),
    "test_step": Observable("step with test accuracy 0.9", "n'", "steps", (), "measured"),
    "phase": Observable("phase", "", "", (), "measured"),
}

EXPERIMENT = Experiment(
    name="grokking/phase_diagram",
    title="Phase diagram",
    question="When is understanding late, when is it at once, and when does it never come?",
    law=(
        r"n'-n > g:\ \text{grokking}\,,\qquad n'-n \le g:\ \text{comprehension}\,,\qquad "
        r"f_\mathrm{cov} = 1-\Big(\frac{0.05}{3p}\Big)^{1/p}"
    ),
    regime="Labels describe runs; only the bound on the data is predicted.",
    falsifier=(
        "a cell that generalises although its training set leaves some number out."
    ),
    exercise=(
        "From which share $f$ of the pairs on does every number appear in the training "
        "set, for $p = 31$? What becomes of the phases below it?"
    ),
    sources=(
        Source(
            "2205.10343",
            "Z. Liu, O. Kitouni, N. Nolte, E. Michaud, M. Tegmark and M. Williams",
            "Towards Understanding Grokking: An Effective Theory of Representation Learning",
            2022,
            "the four phases",
        ),
        Source(
            "2301.02679",
            "A. Gromov",
            "Grokking modular arithmetic",
            2023,
            "the network",
        ),
    ),
    Params=params.Params,
    presets=params.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=phases.assumptions,
    simulation=training.simulation,
    measure=phases.measure,
    observables=OBSERVABLES,
    view=view.VIEW,
    claims=(),
    over=params.OVER,
    together=8,
    dtype=lambda _: "float32",
    warnings=phases.warnings,
)  # fmt: skip
