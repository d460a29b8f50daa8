"""Signals through a random deep net: one point or a tangle, known before a weight is drawn."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.signal_propagation.order_chaos import claims, params, theory, training, view

LAYER, DISTANCE = ("layer",), ("distance",)
OBSERVABLES = {
    "length": Observable("length", r"\ln q_l", dims=LAYER, at="measured"),
    "difference": Observable("difference", "1-c_l", dims=LAYER + DISTANCE, at="measured"),
    "stretch": Observable("stretch", r"\ln|\partial_\theta z_l|^2", dims=LAYER, at="measured"),
    "gradient": Observable("gradient", r"\ln|\delta_l|^2", dims=LAYER, at="measured"),
    "neighbours": Observable("neighbours in the last layer", "1-c_L", at="measured"),
    "gradient_first": Observable("gradient at the inputs", r"\ln|\delta_0|^2", at="measured"),
    "layer_here": Observable("layer", "l"),
    "length_here": Observable("length", r"\ln q_l"),
    "difference_here": Observable("difference", "1-c_l", dims=DISTANCE),
    "stretch_here": Observable("stretch", r"\ln|\partial_\theta z_l|^2"),
    "gradient_here": Observable("gradient", r"\ln|\delta_l|^2"),
    "ring": Observable("ring", r"z_1, z_2", dims=("input", "axis"), at="snapshots"),
    "apart": Observable("difference", "1-c", dims=("separation",), at="snapshots"),
}

EXPERIMENT = Experiment(
    name="signal_propagation/order_chaos",
    title="Order and chaos",
    question="What is left of a difference after thirty layers, and of a gradient on the way back?",
    law=(
        r"q_{l+1}=\sigma_w^2\,\mathbb E\,\phi(\sqrt{q_l}\,t)^2+\sigma_b^2,\quad "
        r"\chi_l=\sigma_w^2\,\mathbb E\,\phi'(\sqrt{q_l}\,t)^2:\qquad "
        r"|\partial_\theta z_L|^2\propto\prod\chi_l,\quad |\delta_0|^2\propto\prod\chi_l"
    ),
    regime=(
        "Exact at infinite width; at width n within a band, of relative size √(L/n), that is known "
        "before."
    ),
    falsifier=(
        "one net with dense independent weights, wide enough by its own band, that leaves the band "
        "in length, difference, stretch or gradient."
    ),
    exercise=(
        r"Let $\sigma_b = 0$ and $\phi = \tanh$. Show that $\chi = \sigma_w^2$ at $q = 0$, and say "
        r"why small inputs die out for $\sigma_w < 1$."
    ),
    sources=(
        Source(
            "1606.05340",
            "Ben Poole, Subhaneil Lahiri, Maithra Raghu, Jascha Sohl-Dickstein, Surya Ganguli",
            "Exponential expressivity in deep neural networks through transient chaos",
            2016,
            "lengths, correlations, and the ring",
        ),
        Source(
            "1611.01232",
            "Samuel S. Schoenholz, Justin Gilmer, Surya Ganguli, Jascha Sohl-Dickstein",
            "Deep Information Propagation",
            2016,
            "χ, gradients, depth scales",
        ),
        Source(
            "2106.10165",
            "Daniel A. Roberts, Sho Yaida, Boris Hanin",
            "The Principles of Deep Learning Theory",
            2021,
            "that corrections go as depth over width",
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
    dtype=lambda _: "float32",
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
)
