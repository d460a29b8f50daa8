"""Learning curve: what n examples of real data teach, before the first one is drawn."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.kernel_regression.learning_curve import claims, params, theory, training, view

MODE, OCTAVE = ("mode",), ("octave",)
OBSERVABLES = {
    "test_error": Observable("test error", "E", scale="log"),
    "spread": Observable("spread over training sets", r"\sigma_E/E"),
    "uncertainty": Observable("uncertainty", "m", scale="log"),
    "learnability": Observable("learnability", r"L_i", dims=MODE),
    "budget": Observable("learned, all modes together", r"\sum_iL_i"),
    "scatter": Observable("variance of all learnabilities", r"\sum_i\sigma_i^2"),
    "octaves": Observable("learnability of octaves of modes", r"\bar L", dims=OCTAVE, at="records"),
    "typical_error": Observable("typical error", r"\bar E", at="measured"),
    "test_error_final": Observable("test error at the end", "E", at="measured"),
    "luck": Observable(
        "scatter of the learnabilities over theory", r"\sigma/\sigma_\mathrm{theory}", at="measured"
    ),
}

EXPERIMENT = Experiment(
    name="kernel_regression/learning_curve",
    title="Learning curve",
    question="How much do n examples of real digits teach?",
    law=r"\sum_i \frac{\lambda_i}{\lambda_i+\kappa}+\frac{\delta}{\kappa}=n",
    regime="Inputs of many dimensions, and a spectrum that falls slowly.",
    falsifier=(
        "an uncertainty, which no label enters, more than 3.5 % off at any n from 8 on, while "
        "inputs fill six dimensions and eigenvalues fall no faster than i to the power −1.6."
    ),
    exercise=(
        r"Let all eigenvalues be equal and the ridge vanish. Show that $L = n/N$ for "
        r"every mode, and that $E = 1$ for every $n$."
    ),
    sources=(
        Source(
            "2110.03922",
            "James B. Simon, Madeline Dickens, Dhruva Karkada, Michael R. DeWeese",
            "The Eigenlearning Framework: A Conservation Law Perspective on Kernel Regression and "
            "Wide Neural Networks",
            2021,
            "the law of an infinite world",
        ),
        Source(
            "2510.14878",
            "Dhruva Karkada, Joseph Turnbull, Yuxi Liu, James B. Simon",
            "Predicting kernel regression learning curves from only raw data statistics",
            2025,
            "the error from the covariance alone",
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
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    together=8,
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
)
