"""Universality: whether networks look alike since they learned the same, or since they are wide."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.representations.universality import claims, params, theory, training, view

PLACE = ("point", "axis")
OBSERVABLES = {
    "cka_narrow": Observable("CKA of narrow networks", r"\mathrm{CKA}"),
    "cka_wide": Observable("CKA of wide networks", r"\mathrm{CKA}"),
    "cka_other": Observable("CKA across labels", r"\mathrm{CKA}"),
    "debiased": Observable("CKA without the bias of width", r"\mathrm{CKA}_\mathrm{u}"),
    "dimension_narrow": Observable("dimensions of narrow networks", "D"),
    "dimension_wide": Observable("dimensions of wide networks", "D"),
    "loss": Observable("loss", "L"),
    "places": Observable("place of a digit", "", "", PLACE, "snapshots"),
    "places_other": Observable("place of a digit, other labels", "", "", PLACE, "snapshots"),
    "cka_narrow_final": Observable("CKA of narrow networks, trained", "", at="measured"),
    "cka_wide_final": Observable("CKA of wide networks, trained", "", at="measured"),
    "cka_other_final": Observable("CKA across labels, trained", "", at="measured"),
}

EXPERIMENT = Experiment(
    name="representations/universality",
    title="Universality",
    question="Do two networks look alike because they learned the same, or because they are wide?",
    law=(
        r"\mathrm{CKA}=\frac1{1+x},\quad x=\frac{\sum_{jk}\mathrm{Var}A_{jk}}{|A_\infty|^2},\quad "
        r"x(0)=\frac{d+1}N,\quad a_k(\infty)=\sqrt{s_k^2+\sigma^4}"
    ),
    regime="Linear units, white inputs, to first order in d/N; any size of the start.",
    falsifier="two wide linear networks off a curve that knows no seed, by more than chance.",
    exercise=(
        r"$A = W_1^{\mathsf T}W_1/N$ of an untrained network has weights of variance $\sigma^2$. "
        r"Find the mean of $|A|^2$ over starts, and show that two of them are $N/(N+d+1)$ alike."
    ),
    sources=(
        Source(
            "1905.00414",
            "Simon Kornblith, Mohammad Norouzi, Honglak Lee, Geoffrey Hinton",
            "Similarity of Neural Network Representations Revisited",
            2019,
            "CKA",
        ),
        Source(
            "2602.14486",
            "Fabian Gröger, Shuo Wen, Maria Brbić",
            "Revisiting the Platonic Representation Hypothesis: An Aristotelian View",
            2026,
            "that width alone inflates alikeness",
        ),
        Source(
            "2502.15104",
            "Chanwoo Chun, Abdulkadir Canatar, SueYeon Chung, Daniel D. Lee",
            "Estimating Neural Representation Alignment from Sparsely Sampled Inputs and Features",
            2025,
            "CKA without the bias of few neurons",
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
    controls=claims.CONTROLS,
    measure=claims.measure,
    dtype=lambda params: "float64" if params.activation == "linear" else "float32",
    view=view.VIEW,
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
    redrawn=("W1_", "W2_"),
)
