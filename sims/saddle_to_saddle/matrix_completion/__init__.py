"""Matrix completion by a deep linear network: the first escape is predicted, the rest is shown."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.saddle_to_saddle.matrix_completion import claims, params, theory, training, view

OBSERVABLES = {
    "loss": Observable("loss on the observed entries", "L", scale="log"),
    "heldout_error": Observable("relative error on the held-out entries", "", scale="log"),
    "singular_values": Observable("singular values", r"\sigma_j", dims=("mode",)),
    "product": Observable("product of the factors", "W", dims=("output", "input"), at="snapshots"),
    "first_escape_time": Observable("first escape", r"t_\mathrm{esc}", "time", (), "measured"),
}

EXPERIMENT = Experiment(
    name="saddle_to_saddle/matrix_completion",
    title="Matrix completion",
    question="When does a product of factors leave zero, and does it fill in what it never saw?",
    law=(
        r"t_\mathrm{esc} = \frac{1}{2\sigma_1}\,\ln\frac{\sigma_1}{9\,a_1^0}\;(L=2)\,,\qquad "
        r"t_\mathrm{esc} = T^*\alpha^{2-L} + T(\sigma_1/10)\;(L\ge 3)"
    ),
    regime="Small random start, up to the first escape; behind it no closed theory is known.",
    falsifier=(
        "one seed whose top singular value reaches a tenth of its value in the zero-filled data "
        "more than 1.2 % off the predicted time while every assumption is held."
    ),
    exercise=(
        r"Halve the start $\alpha$ with two factors, then with three. By how much is the "
        "escape later, each time?"
    ),
    sources=(
        Source(
            "1905.13655",
            "S. Arora, N. Cohen, W. Hu and Y. Luo",
            "Implicit Regularization in Deep Matrix Factorization",
            2019,
            "the model, and that depth fills better",
        ),
        Source(
            "1312.6120",
            "A. M. Saxe, J. L. McClelland and S. Ganguli",
            "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
            2013,
            "growth of a single mode",
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
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    view=view.VIEW,
    warnings=claims.warnings,
    notices=params.notices,
)
