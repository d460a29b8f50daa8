"""Diagonal linear network: the initial scale decides between least l1 and least l2 norm."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.lazy_rich.diagonal_network import claims, params, theory, training, view

OBSERVABLES = {
    "train_loss": Observable("train loss", r"|Xw-y|^2/2n", scale="log"),
    "test_error": Observable("test error", r"|w-w^*|^2"),
    "l1_norm": Observable("l1 norm", r"|w|_1"),
    "weights": Observable("weights", "w_i", dims=("feature",)),
    "products": Observable("product over its start", r"u_iv_i/\alpha_0^2", dims=("feature",)),
    "weights_final": Observable("weights at the end", "w_i", "", ("feature",), "measured"),
    "l1_norm_final": Observable("l1 norm at the end", r"|w|_1", "", (), "measured"),
    "test_error_final": Observable("test error at the end", r"|w-w^*|^2", "", (), "measured"),
    "weights_corrected": Observable(
        "theory at the run's own u v", "w_i", "", ("feature",), "measured"
    ),
    "gap_corrected": Observable("distance from that theory", r"|\Delta w|/|w|", "", (), "measured"),
}

EXPERIMENT = Experiment(
    name="lazy_rich/diagonal_network",
    title="Diagonal network",
    question="Which of all solutions does training find, and what has the start to do with it?",
    law=(
        r"w = \operatorname*{arg\,min}_{Xw=y}\ \alpha_0^2\sum_i q(w_i/\alpha_0^2)\,,\qquad "
        r"q(z) = 2-\sqrt{4+z^2}+z\operatorname{asinh}(z/2)"
    ),
    regime="Gradient flow, run to its end, at every initial scale.",
    falsifier=(
        "one run of small steps, long enough, that ends more than 1.5 % away from the minimum "
        "computed beforehand."
    ),
    exercise=(
        r"Show that $\alpha_0^2 \sum_i q(w_i/\alpha_0^2)$ tends to $|w|^2/(4\alpha_0^2)$ "
        "for a large start. Which of all solutions is then found?"
    ),
    sources=(
        Source(
            "2002.09277",
            "B. Woodworth, S. Gunasekar, J. D. Lee, E. Moroshko, P. Savarese, I. Golan, D. Soudry "
            "and N. Srebro",
            "Kernel and Rich Regimes in Overparametrized Models",
            2020,
            "the norm that is least at the end",
        ),
        Source(
            "2102.09769",
            "S. Azulay, E. Moroshko, M. S. Nacson, B. Woodworth, N. Srebro, A. Globerson and "
            "D. Soudry",
            "On the Implicit Bias of Initialization Shape: Beyond Infinitesimal Mirror Descent",
            2021,
            "imbalance plays the part of the scale",
        ),
        Source(
            "2302.08982",
            "M. Even, S. Pesme, S. Gunasekar and N. Flammarion",
            "(S)GD over Diagonal Linear Networks: Implicit Regularisation, Large Stepsizes and "
            "Edge of Stability",
            2023,
            "what a finite step does to u v",
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
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    view=view.VIEW,
)
