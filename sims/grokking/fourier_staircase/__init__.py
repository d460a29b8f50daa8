"""The Fourier staircase: frequencies are learned one at a time, at loss levels known beforehand."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.grokking.fourier_staircase import claims, measure, params, theory, training, view

OBSERVABLES = {
    "loss": Observable("loss", "L", scale="log"),
    "frequency_strengths": Observable(
        "strength of each frequency", r"\sum_i|\hat w_i[k]|^2", "", ("frequency",), scale="log"
    ),
    "learned_template": Observable("template learned", r"x[n]", "", ("position",), "snapshots"),
    "neuron_spectrum": Observable(
        "spectrum of every neuron", r"|\hat w_i[k]|", "", ("frequency", "neuron"), "snapshots"
    ),
    "plateau_losses": Observable("loss levels", "L_j", "", ("level",), "measured"),
    "order": Observable("order of frequencies", "k_j", "", ("level",), "measured"),
    "drop_times": Observable("times of the drops", "t_j", "time", ("level",), "measured"),
    "first_drop": Observable("first drop", "t_1", "time", (), "measured"),
    "loss_final": Observable("last loss", "L(T)", "", (), "measured"),
}

EXPERIMENT = Experiment(
    name="grokking/fourier_staircase",
    title="Staircase",
    question="In which order does a network find the frequencies of modular addition?",
    law=(
        r"L_j = \frac1p\sum_{k>j}|\hat x_{(k)}|^2\,,\qquad "
        r"t_1 \ge \sqrt{\tfrac{3p^3}{2}}\,\frac1{|\hat x_{(1)}|^3\max_i|\theta_i(0)|}"
    ),
    regime="Small start, gradient descent on all pairs; of the drops only the first is timed.",
    falsifier=(
        "one run with enough neurons and clearly different magnitudes that learns a weaker "
        "frequency before a stronger one, rests beside none of the levels, or drops first when no "
        "three neurons have escaped."
    ),
    exercise=(
        "All magnitudes are halved. By what factor does the bound on the first drop "
        "grow, and what becomes of the levels?"
    ),
    sources=(
        Source(
            "2506.06489",
            "D. Kunin, G. L. Marchetti, F. Chen, D. Karkada, J. B. Simon, M. R. DeWeese, "
            "S. Ganguli and N. Miolane",
            "Alternating Gradient Flows: A Theory of Feature Learning in Two-layer Neural Networks",
            2025,
            "levels, utilities and the order of frequencies",
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
    simulation=training.simulation,
    measure=measure.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    notices=params.notices,
)
