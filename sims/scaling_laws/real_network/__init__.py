"""Six schedules on a real network and real digits: every curve is drawn when it is born."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.scaling_laws import races
from sims.scaling_laws.real_network import claims, params, theory, training, view

OBSERVABLES = {
    "loss": Observable("loss", "L", dims=("schedule",), scale="log"),
    "loss_final": Observable("end loss", "L(T)", dims=("schedule",), at="measured", scale="log"),
    "best_final": Observable("end loss of the winner", "L(T)", at="measured", scale="log"),
    "pair_order": Observable("order of two schedules", dims=("pair",), at="measured"),
    "landscape": Observable("end loss", "L(T)", dims=("peak", "schedule"), at="measured"),
}

EXPERIMENT = Experiment(
    name="scaling_laws/real_network",
    title="Real network",
    question="Does any of it survive a real network on real images?",
    law=(
        r"\lambda_j=\frac{k_j}{k_1},\quad k=\mathrm{eig}(K_0/n),\quad "
        r"\lambda_jw_j^{*2}=\frac{(u_j\cdot y)^2}n\,,\qquad "
        r"c_j\leftarrow\left[(1-\eta_t\lambda_j)^2+\frac{\eta_t^2\lambda_j^2}B\right]c_j+"
        r"\frac{\eta_t^2}B\lambda_j(\lambda\cdot c+s^2)"
    ),
    regime=(
        "Features move by at most 5 %, inputs are of nearly equal size in feature space, and noise "
        "feeds back less than a tenth of the loss."
    ),
    falsifier=(
        "a lazy network whose mean loss leaves a line by half a per cent and four standard errors, "
        "or that ranks six schedules otherwise."
    ),
    exercise=(
        r"Without label noise the constant rate wins. What is $s^2$ then, and what would a "
        r"cool-down have to average away?"
    ),
    sources=(
        Source(
            "2106.02713",
            "B. Bordelon, C. Pehlevan",
            "Learning Curves for SGD on Structured Features",
            2021,
            "the averages, and that they do for real networks",
        ),
        Source(
            "1812.07956",
            "L. Chizat, E. Oyallon, F. Bach",
            "On Lazy Training in Differentiable Programming",
            2018,
            "the output scale that keeps features where they are",
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
    measure=races.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    dtype=lambda _: "float32",
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
    together=8,
)
