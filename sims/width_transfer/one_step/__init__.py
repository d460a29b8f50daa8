"""The best learning rate of the first step, at every width, before a net is trained."""

import numpy as np

from sims.core.controls import Control
from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.width_transfer.one_step import claims, params, theory, training, view

OBSERVABLES = {
    "loss_ratio": Observable("loss after the step over before", "L_1/L_0", dims=("width",)),
    "net_loss_ratio": Observable("the same of every net", "L_1/L_0", dims=("net",)),
    "rate": Observable("learning rate", r"\eta", unit="rate", dims=("width",)),
    "best_rate": Observable(
        "best first rate", r"\eta^*", unit="rate", dims=("width",), at="measured", scale="log"
    ),
    "best_loss": Observable(
        "lowest loss after the step over before", "1-A", dims=("width",), at="measured"
    ),
    "typical_rate": Observable(
        "typical best rate", r"\bar\eta^*", unit="rate", at="measured", scale="log"
    ),
    "rate_slope": Observable("slope of the best rates", r"d\ln\eta^*/d\ln n", at="measured"),
}

EXPERIMENT = Experiment(
    name="width_transfer/one_step",
    title="One step",
    question="Which learning rate makes the very first step best, at every width?",
    law=(
        r"\eta^*_n=\frac{r\cdot\varphi}{|\varphi|^2}\,,\quad \varphi=\sum_l\varphi_l(n)\,,\qquad "
        r"\text{sp, gd: }\eta^*_n=\frac{m}{d+Ln}\frac{r^{\mathsf T}Kr}{|Kr|^2}\,,\quad "
        r"\text{mup: }\frac{m}{L+1}\frac{r^{\mathsf T}Kr}{|Kr|^2}"
    ),
    regime=(
        "Exact as n grows, for linear and relu nets; the first correction in 1/n and the scatter "
        "over draws are predicted too."
    ),
    falsifier=(
        "one family of linear nets whose best first rate leaves the line by more than four of its "
        "own standard errors plus what is of the next order in 1/n."
    ),
    exercise=(
        r"From $\eta^*_n \propto 1/(d + Ln)$ in the standard parameterisation: at which width does "
        r"the best rate of nets with two hidden layers on 64 pixels turn from constant to $1/n$? "
        r"What is its slope at $n = 64$?"
    ),
    sources=(
        Source(
            "2511.01734",
            "S. Hayou",
            "A proof of learning rate transfer under μP",
            2025,
            "the best rate of linear nets in mup, and that it moves in sp and ntk",
        ),
        Source(
            "2203.03466",
            "G. Yang, E. Hu, I. Babuschkin, S. Sidor, X. Liu, D. Farhi, N. Ryder, J. Pachocki, "
            "W. Chen and J. Gao",
            "Tensor programs V: tuning large neural networks via zero-shot hyperparameter transfer",
            2022,
            "how mup scales weights and rates",
        ),
        Source(
            "2404.05728",
            "L. Lingle",
            "A large-scale exploration of μ-transfer",
            2024,
            "the practice: rates carried over to large models",
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
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
    redrawn=("W",),
    controls=(
        Control(
            "the targets are those of other examples",
            task=lambda task: {**task, "y": np.random.default_rng(0).permutation(task["y"])},
        ),
    ),
)  # fmt: skip
