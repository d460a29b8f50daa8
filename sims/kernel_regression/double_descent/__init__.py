"""Double descent: where a bigger network is worse, and by how much, before any is trained."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.kernel_regression.double_descent import claims, params, theory, training, view

OBSERVABLES = {
    "test_error": Observable("test error", "E", scale="log"),
    "mean_error": Observable("mean test error", r"\bar E", scale="log"),
    "spread": Observable("spread over training sets", r"\sigma_E/\bar E", scale="log"),
    "test_error_final": Observable("error of the widest network", "E_{4n}", at="measured"),
    "peak_height": Observable("height of the peak", r"E_\mathrm{peak}/E_{4n}", at="measured"),
    "peak_place": Observable("place of the peak", r"k_\mathrm{peak}", "neurons", at="measured"),
}

EXPERIMENT = Experiment(
    name="kernel_regression/double_descent",
    title="Double descent",
    question="Is a bigger network worse, and where?",
    law=(
        r"E+\sigma^2 = E_0\left[\sum_i (1-\mathcal L_i)^2 v_i^2+\sigma^2\right],\qquad "
        r"\mathcal L_i = \frac{\lambda_i}{\lambda_i+\kappa}\,,\quad "
        r"E_0 \to \frac{n}{n-k}\ \ (k<n)"
    ),
    regime=(
        "In many dimensions the peak is at k = n whatever the data; how high it is needs points "
        "that weigh about the same."
    ),
    falsifier=(
        "a branch that leaves the line by more than 0.02, three standard errors and half of the "
        "squared unevenness, while points are even, inputs fill six dimensions and every neuron "
        "answers to five examples."
    ),
    exercise=(
        r"Let all $k<n$ eigenvalues be equal and the ridge vanish. Show that $E_0 = n/(n-k)$."
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
            "1812.11118",
            "Mikhail Belkin, Daniel Hsu, Siyuan Ma, Soumik Mandal",
            "Reconciling modern machine learning practice and the bias-variance trade-off",
            2018,
            "the phenomenon",
        ),
        Source(
            "2003.01897",
            "Preetum Nakkiran, Prayaag Venkat, Sham Kakade, Tengyu Ma",
            "Optimal Regularization Can Mitigate Double Descent",
            2020,
            "that the best ridge hides it",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=params.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=(claims.even_points, claims.high_dimensional, claims.common_neurons),
    init=training.init,
    step=training.step,
    observe=training.observe,
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    together=8,
    feasible=params.feasible,
)
