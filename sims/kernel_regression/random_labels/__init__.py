"""True and random labels: how much longer noise takes, before either is trained on."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.kernel_regression.random_labels import claims, params, theory, training, view

LABEL = ("label",)
OBSERVABLES = {
    "train_loss": Observable("mean squared error", "E", dims=LABEL, scale="log"),
    "train_accuracy": Observable("labels that are right", "A", dims=LABEL),
    "test_accuracy": Observable("test images that are right", "A'", dims=LABEL),
    "travel": Observable("way of the weights", r"|\theta-\theta_0|", dims=LABEL),
    "fit": Observable("first step with every label right", "k", "steps", LABEL),
    "steps_needed": Observable("steps to the level", "k", "steps", LABEL, "measured"),
    "memorised": Observable("every label right", "k'", "steps", LABEL, "measured"),
    "travel_final": Observable("way at the end", r"|\theta-\theta_0|", "", LABEL, "measured"),
    "slow_down": Observable(
        "noise over truth", r"k_\mathrm{random}/k_\mathrm{true}", at="measured"
    ),
    "test_accuracy_final": Observable("test accuracy at the end", "A'", at="measured"),
    "steps_blind": Observable(
        "steps, labels not yet drawn", r"\bar k_\mathrm{random}", "steps", at="measured"
    ),
}

EXPERIMENT = Experiment(
    name="kernel_regression/random_labels",
    title="Random labels",
    question="Can a network memorise noise, and how much longer does that take than truth?",
    law=r"\mathrm{MSE}(k)=\frac1n\sum_j\left(1-\eta\lambda_j/n\right)^{2k}(u_j\cdot y)^2",
    regime="Where the features move by less than 8 %, as the frozen kernel says beforehand.",
    falsifier=(
        "one start whose step counts are off by more than 0.9 of the change of its features, and "
        "0.4 %, while that change is below 8 %."
    ),
    exercise=(
        r"Let the labels be fair coins. Show that $\mathrm E\,(u_j\cdot y)^2 = 1$ for every "
        r"eigenvector, and write down the expected error at step $k$."
    ),
    sources=(
        Source(
            "1611.03530",
            "Chiyuan Zhang, Samy Bengio, Moritz Hardt, Benjamin Recht, Oriol Vinyals",
            "Understanding deep learning requires rethinking generalization",
            2017,
            "the phenomenon",
        ),
        Source(
            "1901.08584",
            "Sanjeev Arora, Simon S. Du, Wei Hu, Zhiyuan Li, Ruosong Wang",
            "Fine-Grained Analysis of Optimization and Generalization for Overparameterized "
            "Two-Layer Neural Networks",
            2019,
            "why true labels are learned sooner",
        ),
        Source(
            "1806.07572",
            "Arthur Jacot, Franck Gabriel, Clément Hongler",
            "Neural Tangent Kernel: Convergence and Generalization in Neural Networks",
            2018,
            "the kernel at birth",
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
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
)
