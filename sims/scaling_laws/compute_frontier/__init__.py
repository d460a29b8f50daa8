"""The compute frontier: the least loss of a compute, and the size of model that has it."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.scaling_laws.compute_frontier import claims, params, theory, training, view

OBSERVABLES = {
    "loss": Observable("loss", "L", dims=("size",), scale="log"),
    "spread": Observable("standard deviation over runs", r"\sigma_L", dims=("size",), scale="log"),
    "loss_at_compute": Observable(
        "loss at each compute", "L", dims=("budget", "size"), at="measured", scale="log"
    ),
    "frontier": Observable(
        "least loss", "L^*", dims=("budget",), at="measured", scale="log"
    ),
    "best_width": Observable(
        "best size at each compute", "M^*", dims=("budget",), at="measured", scale="log"
    ),
    "frontier_slope": Observable("slope of the frontier", r"d\ln L^*/d\ln C", at="measured"),
}  # fmt: skip

EXPERIMENT = Experiment(
    name="scaling_laws/compute_frontier",
    title="Compute frontier",
    question="How large should a model be for a given amount of compute?",
    law=(
        r"L^*\propto C^{-\frac{b-1}{1+a}},\qquad "
        r"M^*=\left(\frac{\eta\, C}{B\,x^*}\right)^{\frac1{1+a}},\qquad "
        r"g(x^*)=(1+a)\,(1-e^{-2x^*})"
    ),
    regime=(
        "Exact mean for fresh Gaussian samples; pen and paper without label noise, at a constant "
        "rate that feeds back a tenth of the loss at most, and for b up to 2a − 1/2."
    ),
    falsifier=(
        "a frontier whose slope leaves −(b−1)/(1+a) by more than the tolerance stated before the "
        "run, while all assumptions hold."
    ),
    exercise=(
        r"On the one curve of all sizes $g(x) = 1 + e^{-2x}/(2x)$ for $b - 1 = a$, "
        r"$x = \eta t M^{-a}$. Which $x$ has the least loss $M^{1-b} g(x)$ at a given compute "
        r"$C = MBt$? Show that $g(x^*) = (1+a)(1-e^{-2x^*})$ there."
    ),
    sources=(
        Source(
            "2405.15074",
            "Elliot Paquette, Courtney Paquette, Lechao Xiao, Jeffrey Pennington",
            "4+3 Phases of Compute-Optimal Neural Scaling Laws",
            2024,
            "the problem, its edge, and the exponents",
        ),
        Source(
            "2106.02713",
            "Blake Bordelon, Cengiz Pehlevan",
            "Learning Curves for SGD on Structured Features",
            2021,
            "the exact averages over samples",
        ),
        Source(
            "2203.15556",
            "Jordan Hoffmann, Sebastian Borgeaud, Arthur Mensch, Elena Buchatskaya, Trevor Cai, "
            "Eliza Rutherford, Diego de Las Casas, Lisa Anne Hendricks, Johannes Welbl, "
            "Aidan Clark, Tom Hennigan, Eric Noland, Katie Millican, George van den Driessche, "
            "Bogdan Damoc, Aurelia Guy, Simon Osindero, Karen Simonyan, Erich Elsen, "
            "Jack W. Rae, Oriol Vinyals, Laurent Sifre",
            "Training Compute-Optimal Large Language Models",
            2022,
            "the question, asked of language models",
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
    dtype=lambda _: "float32",
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    together=8,
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
)
