"""A small net at the edge of stability: sharpness, averaged loss and path, predicted by a flow."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.edge_of_stability.neural_network import (
    assumptions,
    autos,
    claims,
    measure,
    params,
    presets,
    theory,
    training,
    view,
)

_EIGENVALUES, _INPUTS, _WEIGHTS = ("eigenvalue",), ("input",), ("parameter",)

OBSERVABLES = {
    "loss": Observable("loss", "L", scale="log"),
    "mean_loss": Observable("loss, mean of 200 steps", r"\bar L", scale="log"),
    "loss_central_flow": Observable("loss on the central flow", r"L(w_\mathrm{cf})", scale="log"),
    "loss_gradient_flow": Observable("loss, gradient flow", r"L(w_\mathrm{gf})", scale="log"),
    "mean_loss_gradient_flow": Observable(
        "loss of the gradient flow, mean of 200 steps", r"\bar L(w_\mathrm{gf})", scale="log"
    ),
    "sharpness": Observable("sharpness of the iterate", r"\lambda_i", dims=_EIGENVALUES),
    "sharpness_midpoint": Observable("sharpness", r"\lambda_i", dims=_EIGENVALUES),
    "sharpness_gradient_flow": Observable(
        "sharpness, gradient flow", r"\lambda_i(w_\mathrm{gf})", dims=_EIGENVALUES
    ),
    "batch_sharpness": Observable("batch sharpness", r"\mathrm{BS}"),
    "oscillation": Observable("size of the oscillation", r"\mathrm{tr}\,\Sigma", scale="log"),
    "network_function": Observable("network function", "f(x)", dims=_INPUTS, at="snapshots"),
    "network_function_gradient_flow": Observable(
        "network function, gradient flow", r"f(x; w_\mathrm{gf})", dims=_INPUTS, at="snapshots"
    ),
    "weights": Observable("all weights", "w", dims=_WEIGHTS, at="snapshots"),
    "weights_gradient_flow": Observable(
        "all weights, gradient flow", r"w_\mathrm{gf}", dims=_WEIGHTS, at="snapshots"
    ),
    "distance_to_central_flow": Observable(
        "distance to the central flow", r"\|w - w_\mathrm{cf}\|", at="measured", scale="log"
    ),
    "distance_to_gradient_flow": Observable(
        "distance to the gradient flow", r"\|w - w_\mathrm{gf}\|", at="measured", scale="log"
    ),
    "reach_step": Observable("step at 0.95 of the edge", r"t_{0.95}", "steps", (), "measured"),
    "break_step": Observable("start of the oscillation", "", "steps", (), "measured"),
}

EXPERIMENT = Experiment(
    name="edge_of_stability/neural_network",
    title="Neural network",
    question="How does a network keep learning where its step size should make it unstable?",
    law=(
        r"\dot w = -\eta\,\nabla\!\left[L + \tfrac12\langle\Sigma, H\rangle\right]\,,\qquad "
        r"\lambda_1(H) \le \tfrac{2}{\eta}"
    ),
    regime=(
        "Full-batch training on a smooth loss that stays curved. "
        "The central flow is known for gradient descent and RMSProp; other rules have their edge."
    ),
    falsifier=(
        "one seed whose sharpness settles off its edge, or whose averaged loss, oscillation or "
        "path leaves the central flow, by more than the stated tolerance while every assumption "
        "is held."
    ),
    exercise=(
        r"Momentum moves the edge to $(2 + 2\beta)/\eta$. By how much does the plateau "
        r"rise if $\beta$ goes from 0.5 to 0.7 in the heavy ball?"
    ),
    sources=(
        Source(
            "2103.00065",
            "J. M. Cohen, S. Kaur, Y. Li, J. Z. Kolter and A. Talwalkar",
            "Gradient Descent on Neural Networks Typically Occurs at the Edge of Stability",
            2021,
            "the edges of gradient descent and momentum",
        ),
        Source(
            "2207.14484",
            "J. M. Cohen and others",
            "Adaptive Gradient Methods at the Edge of Stability",
            2022,
            "the edges of RMSProp and Adam",
        ),
        Source(
            "2410.24206",
            "J. M. Cohen, A. Damian, A. Talwalkar, J. Z. Kolter and J. D. Lee",
            "Understanding Optimization in Deep Learning with Central Flows",
            2024,
            "the central flows",
        ),
        Source(
            "2209.15594",
            "A. Damian, E. Nichani and J. D. Lee",
            "Self-Stabilization: The Implicit Bias of Gradient Descent at the Edge of Stability",
            2022,
            "the cycle and its frequency",
        ),
        Source(
            "2412.20553",
            "A. Andreyev and P. Beneventano",
            "Edge of Stochastic Stability: Revisiting the Edge of Stability for SGD",
            2024,
            "batch sharpness",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=presets.PRESETS,
    prepare=training.prepare,
    resolve=autos.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    predict_further=theory.predict_further,
    intervene=theory.intervene,
    assumptions=assumptions.assumptions,
    simulation=training.simulation,
    measure=measure.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    warnings=assumptions.warnings,
    notices=autos.notices,
    view=view.VIEW,
)
