"""Deep linear network: plateaus, jump times and whole curves, predicted from the actual start."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.saddle_to_saddle.linear_network import (
    assumptions,
    claims,
    measure,
    params,
    presets,
    theory,
    training,
    view,
)

OBSERVABLES = {
    "loss": Observable("loss", "L"),
    "mode_strengths": Observable("mode strengths", "a_k", dims=("mode",)),
    "gradient_norm": Observable("size of the gradient", r"\|\nabla L\|", scale="log"),
    "top_singular_value": Observable("top singular value", r"\sigma_1"),
    "product": Observable("product of the layers", "W", dims=("output", "input"), at="snapshots"),
    "singular_values": Observable("singular values", r"\sigma_j", dims=("mode",), at="snapshots"),
    "distance_to_saddle": Observable(
        "distance to the saddles", r"\|W-W_k\|", dims=("saddle",), at="snapshots", scale="log"
    ),
    "conserved_drift": Observable("drift of what the flow conserves", r"\Delta D", at="snapshots"),
    "weights": Observable("all weights, W₁ then W₂", "", dims=("parameter",), at="snapshots"),
    "negative_eigenvalues": Observable("ways down", "", at="measured"),
    "jump_times": Observable("jump times", "t_k", "time", ("mode",), "measured"),
    "plateau_losses": Observable("plateau losses", "L_k", "", ("saddle",), "measured"),
    "dip_times": Observable("times of the gradient's dips", "", "time", ("saddle",), "measured"),
    "negative_curvatures": Observable("ways down at the saddles", "", "", ("saddle",), "measured"),
    "first_escape_time": Observable("first escape", "t_e", "time", (), "measured"),
    "illusory_correlation": Observable("illusory correlation", "", "", ("saddle",), "measured"),
}

EXPERIMENT = Experiment(
    name="saddle_to_saddle/linear_network",
    title="Linear network",
    question="When does each part of the data get learned, and how long does the network wait?",
    law=(
        r"t_k = \tfrac{1}{2 s_k}\,\ln\frac{s_k - a_k^0}{a_k^0}\,,\qquad "
        r"L_k = \tfrac12 \sum_{i>k} s_i^2"
    ),
    regime=(
        "Small random start, white inputs, plain gradient descent below its stability edge. "
        "Two layers,"
    ),
    falsifier=(
        "one seed whose mode leaves its map, or one jump or plateau off its line, by more than the "
        "stated tolerance while every assumption is held."
    ),
    exercise=(
        "Two modes have $s = 4$ and $s = 2$. By how much does the interval between their "
        r"jumps grow if $\alpha$ is made ten times smaller? Work it out from the law, "
        "then check it on the page."
    ),
    sources=(
        Source(
            "1312.6120",
            "A. M. Saxe, J. L. McClelland and S. Ganguli",
            "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
            2013,
            "sigmoids of single modes, equations of deep modes",
        ),
        Source(
            "2409.14623",
            "C. C. J. Dominé and others",
            "From Lazy to Rich: Exact Learning Dynamics in Deep Linear Networks",
            2024,
            "matrix solution with imbalance",
        ),
        Source(
            "2106.15933",
            "A. Jacot and F. Ged and B. Şimşek and C. Hongler and F. Gabriel",
            "Saddle-to-Saddle Dynamics in Deep Linear Networks: "
            "Small Initialization Training, Symmetry, and Sparsity",
            2021,
            "saddles of increasing rank",
        ),
        Source(
            "1810.10531",
            "A. M. Saxe, J. L. McClelland and S. Ganguli",
            "A mathematical theory of semantic development in deep neural networks",
            2018,
            "semantic tree, illusory correlation",
        ),
        Source(
            "2506.06489",
            "D. Kunin and others",
            "Alternating Gradient Flows: A Theory of Feature Learning in Two-layer Neural Networks",
            2025,
            "ReLU escape rates",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=presets.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=assumptions.assumptions,
    simulation=training.simulation,
    measure=measure.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    view=view.VIEW,
    warnings=assumptions.warnings,
    notices=params.notices,
)
