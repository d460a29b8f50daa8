"""Word vectors: when each meaning is learned, and where every word will stand."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.representations.word_vectors import claims, params, theory, training, view

MODE = ("mode",)
OBSERVABLES = {
    "loss": Observable("loss", "L"),
    "strengths": Observable("strength of a meaning", "s_k", dims=MODE),
    "places": Observable("place of a word", "x", "", ("word", "mode"), "snapshots"),
    "half_times": Observable("half-way time", "t_k", "steps", MODE, "measured"),
}

EXPERIMENT = Experiment(
    name="representations/word_vectors",
    title="Word vectors",
    question="In which order, and exactly when, does an embedding learn its meanings?",
    law=(
        r"W\leftarrow W-\eta\,(WW^{\mathsf T}-M)\,W,\quad "
        r"t_k=\frac{\ln(\lambda_k/R_{kk}^2-1)}{2\ln(1+\eta\lambda_k)}-\frac12"
    ),
    regime="Quadratic loss, pairs of even weight, steps up to 0.3 of what is stable.",
    falsifier="a meaning that is half learned over a quarter step and 0.5 % off its moment.",
    exercise=(
        r"A strength that is alone follows $\dot s = 2s(\lambda - s)$. Solve it from $s_0$, and "
        r"find when it passes $\lambda/2$."
    ),
    sources=(
        Source(
            "2502.09863",
            "Dhruva Karkada, James B. Simon, Yasaman Bahri, Michael R. DeWeese",
            "Closed-Form Training Dynamics Reveal Learned Features and Linear Structure in "
            "Word2Vec-like Models",
            2025,
            "the target M, its modes, and the flow",
        ),
        Source(
            "1310.4546",
            "Tomas Mikolov, Ilya Sutskever, Kai Chen, Greg Corrado, Jeffrey Dean",
            "Distributed Representations of Words and Phrases and their Compositionality",
            2013,
            "word2vec",
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
    snapshot=training.snapshot,
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
)
