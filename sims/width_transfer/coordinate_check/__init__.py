"""Whatever powers of the width are chosen: how far features and output move in wide nets."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.width_transfer.coordinate_check import claims, params, theory, training, view

OBSERVABLES = {
    "change": Observable(
        "change of features and output", r"|h^l_t - h^l_0|", dims=("width", "layer"), scale="log"
    ),
    "loss": Observable("loss", "L", dims=("width",), scale="log"),
    "features_first": Observable(
        "powers of the features' first change", r"\rho_l(1)", dims=("hidden",), at="measured"
    ),
    "features_last": Observable(
        "powers of the features' change at the end", r"\rho_l", dims=("hidden",), at="measured"
    ),
    "output_first": Observable("power of the output's first change", r"\rho_f(1)", at="measured"),
    "output_last": Observable("power of the output's change", r"\rho_f", at="measured"),
    "widest_features": Observable(
        "features, widest over narrowest", r"n^{\rho_L}", at="measured", scale="log"
    ),
}  # fmt: skip

EXPERIMENT = Experiment(
    name="width_transfer/coordinate_check",
    title="Coordinate check",
    question=(
        "Do features move, explode or freeze as a net is made wider, whatever powers scale it?"
    ),
    law=(
        r"W_l = n^{-a_l} w_l,\quad w_l\sim n^{-b_l},\quad \eta_l=\eta\, n^{-c_l}:\qquad "
        r"|h^l_t-h^l_0|\propto n^{\rho_l},\quad |f_t-f_0|\propto n^{\rho_f},\qquad "
        r"\rho \text{ from } a,\, b,\, c"
    ),
    regime=(
        "Exact powers as n grows; a slope over a factor of eight in width sees the leading power "
        "if the next one is 3/4 lower."
    ),
    falsifier=(
        "one choice of a, b and c in the allowed region whose features grow with another power of "
        "n."
    ),
    exercise=(
        r"Find the powers $c$ for $a = 0$, $b = (0, 1/2, 3/4)$ and gradient descent, so that "
        r"hidden features move as $n^{-1/4}$ and the output as $n^0$."
    ),
    sources=(
        Source(
            "2011.14522",
            "G. Yang and E. Hu",
            "Feature learning in infinite-width neural networks",
            2020,
            "powers a, b, c of gradient descent; kernel or feature learning",
        ),
        Source(
            "2308.01814",
            "G. Yang and E. Littwin",
            "Tensor programs IVb: adaptive optimization in the infinite-width limit",
            2023,
            "the same for Adam",
        ),
        Source(
            "2203.03466",
            "G. Yang, E. Hu, I. Babuschkin, S. Sidor, X. Liu, D. Farhi, N. Ryder, J. Pachocki, "
            "W. Chen and J. Gao",
            "Tensor programs V: tuning large neural networks via zero-shot hyperparameter transfer",
            2022,
            "the coordinate check, as a test of code",
        ),
        Source(
            "2310.17813",
            "G. Yang, J. Simon and J. Bernstein",
            "A spectral condition for feature learning",
            2023,
            "the same powers from spectral norms",
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
    controls=claims.CONTROLS,
)  # fmt: skip
