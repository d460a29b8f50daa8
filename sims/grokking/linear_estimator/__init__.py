"""A linear teacher and a linear student: grokking solved by the spectrum of the inputs."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.grokking.linear_estimator import claims, params, prediction, training, view

OBSERVABLES = {
    "train_loss": Observable("train loss", r"L_\mathrm{tr}", scale="log"),
    "test_loss": Observable("test loss", r"L_\mathrm{gen}", scale="log"),
    "train_accuracy": Observable("train accuracy", r"A_\mathrm{tr}"),
    "test_accuracy": Observable("test accuracy", r"A_\mathrm{gen}"),
    "train_time": Observable("train time", r"t_\mathrm{tr}", "steps", (), "measured"),
    "grok_time": Observable("grokking time", r"t_\mathrm{gen}", "steps", (), "measured"),
    "delay": Observable(
        "grokking time over train time", r"t_\mathrm{gen}/t_\mathrm{tr}", "", (), "measured"
    ),
}

EXPERIMENT = Experiment(
    name="grokking/linear_estimator",
    title="Linear estimator",
    question="Why does a linear student get its own samples right long before all others?",
    law=(
        r"L_\mathrm{gen} = \int e_t\,\rho\,d\nu\,,\qquad "
        r"L_\mathrm{tr} = \int \nu\,e_t\,\rho\,d\nu\,,\qquad "
        r"A = \operatorname{erf}\sqrt{\epsilon/2L}"
    ),
    regime="Exact at any learning rate for many dimensions; near ratio 1 each sample has its edge.",
    falsifier=(
        "one sample, away from ratio 1 and with many outputs, that groks more than a few percent "
        "off the step computed from the Marchenko-Pastur law."
    ),
    exercise=(
        "Halve the learning rate. Which of the two times, of training and of grokking, "
        "changes by how much?"
    ),
    sources=(
        Source(
            "2310.16441",
            "N. Levi, A. Beck and Y. Bar-Sinai",
            "Grokking in Linear Estimators: A Solvable Model that Groks without Understanding",
            2023,
            "the model and its curves",
        ),
        Source(
            "2601.19791",
            "M. Xu, G. Vardi and I. Safran",
            "To Grok Grokking: Provable Grokking in Ridge Regression",
            2026,
            "what decay alone does, rigorously",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=params.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=prediction.predict,
    assumptions=claims.assumptions,
    init=training.init,
    step=training.step,
    observe=training.observe,
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    notices=params.notices,
    dtype=lambda _: "float32",
)
