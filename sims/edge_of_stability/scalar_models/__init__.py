"""Models solved exactly: from a catapult over two-cycles to chaos, in one or two numbers."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.edge_of_stability.scalar_models import (
    assumptions,
    claims,
    params,
    presets,
    theory,
    training,
    view,
)

OBSERVABLES = {
    "loss": Observable("loss", "L", scale="log"),
    "curvature": Observable("curvature", r"\lambda"),
    "iterate": Observable("iterate", "x", dims=("coordinate",)),
    "curvature_gradient_flow": Observable(
        "curvature where gradient flow would end", r"\sqrt{Q^2+4}"
    ),
    "divergence_step": Observable("step of divergence", "n", "steps", (), "measured"),
    "curvature_final": Observable("curvature at the end", r"\lambda", "", (), "measured"),
    "orbit": Observable("points of the orbit", "x_i", "", ("point",), "measured"),
}

EXPERIMENT = Experiment(
    name="edge_of_stability/scalar_models",
    title="Two numbers",
    question="How much of the edge of stability is there with one or two numbers?",
    law=(
        r"r' = r(1-\eta\lambda)+\tfrac{\eta^2}{m}r^2(r+y)\,,\qquad "
        r"\lambda' = \lambda-\tfrac{4\eta}{m}r(r+y)+\tfrac{\eta^2}{m}r^2\lambda\,,\qquad "
        r"x_{1,2} = \tfrac12\left[\sqrt{1+3/\eta}\pm\sqrt{1-1/\eta}\right]"
    ),
    regime="Exact at every step size, until rounding is amplified: then no two computers agree.",
    falsifier=(
        "one run that leaves the two-number map by more than 1e-9, or an attracting orbit missed "
        "by more than 1e-6, while every assumption is held."
    ),
    exercise=(
        "Two numbers $x_1$, $x_2$ of a two-cycle would have the same loss only if $x_1^2 "
        r"+ x_2^2 = 2$. Show from the law that they never do beyond $\eta = 1$."
    ),
    sources=(
        Source(
            "2003.02218",
            "A. Lewkowycz, Y. Bahri, E. Dyer, J. Sohl-Dickstein and G. Gur-Ari",
            "The large learning rate phase of deep learning: the catapult mechanism",
            2020,
            "the two-number map",
        ),
        Source(
            "2305.13064",
            "I. Kreisler, M. S. Nacson, D. Soudry and Y. Carmon",
            "Gradient Descent Monotonically Decreases the Sharpness of Gradient Flow Solutions "
            "in Scalar Networks and Beyond",
            2023,
            "the curvature gradient flow would end at",
        ),
        Source(
            "2210.03294",
            "X. Zhu, Z. Wang, X. Wang, M. Zhou and R. Ge",
            "Understanding Edge-of-Stability Training Dynamics with a Minimalist Example",
            2022,
            "the tied product of depth four",
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
    init=training.init,
    step=training.step,
    observe=training.observe,
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    view=view.VIEW,
    warnings=assumptions.warnings,
    notices=params.notices,
)
