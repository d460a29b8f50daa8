"""When a diagonal network groks: weight decay is the clock, and the whole curve is known."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.grokking.weight_decay_timing import claims, params, theory, training, view

OBSERVABLES = {
    "train_loss": Observable("train loss", r"|Xw-y|^2/2n", scale="log"),
    "test_error": Observable("test error", r"|w-w^*|^2"),
    "test_error_first_order": Observable("test error, corrected", "E_1"),
    "product": Observable("smallest and largest product", r"u_iv_i", "", ("extreme",), scale="log"),
    "product_drift": Observable("drift of the products", r"\max_i|u_iv_i/\beta^2-1|"),
    "weights": Observable("weights", "w_i", dims=("feature",), at="snapshots"),
    "grok_time": Observable("grokking time", r"t_\mathrm{grok}", "time", (), "measured"),
}

EXPERIMENT = Experiment(
    name="grokking/weight_decay_timing",
    title="When it groks",
    question="The fit is done at once. When does weight decay turn it into understanding?",
    law=(
        r"t_\mathrm{grok} = \frac1\gamma\ln\frac{\alpha}{\beta_c}\,,\qquad "
        r"w = \operatorname*{arg\,min}_{Xw=y}\sum_i q\Big(\frac{w_i}{\beta^2}\Big)\,,\qquad "
        r"\beta = \alpha e^{-\gamma t}"
    ),
    regime="Slow decay: the weights sit on the path of interpolators, at every starting scale.",
    falsifier=(
        "one data set whose test error leaves the curve computed beforehand, corrected to first "
        "order in the decay, by more than the square of that correction."
    ),
    exercise=(
        r"Double $\alpha$: by how much is the fall of the test error later? Then double "
        r"$\gamma$ instead. Which of the two is only a logarithm?"
    ),
    sources=(
        Source(
            "2311.18817",
            "K. Lyu, J. Jin, Z. Li, S. S. Du, J. D. Lee and W. Hu",
            "Dichotomy of Early and Late Phase Implicit Biases Can Provably Induce Grokking",
            2023,
            "the sharp transition at ln α over the decay",
        ),
        Source(
            "2002.09277",
            "B. Woodworth, S. Gunasekar, J. D. Lee, E. Moroshko, P. Savarese, I. Golan, D. Soudry "
            "and N. Srebro",
            "Kernel and Rich Regimes in Overparametrized Models",
            2020,
            "the interpolator at every scale",
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
    controls=claims.CONTROLS,
    view=view.VIEW,
)
