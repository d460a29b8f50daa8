"""How fast a normalised neuron turns, whatever it learns."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.symmetries.normalised_weights import claims, params, theory, training, view

UNIT = ("unit",)
OBSERVABLES = {
    "loss": Observable("loss", "L"),
    "length2": Observable("squared length", "|w_i|^2", dims=UNIT, scale="log"),
    "turned": Observable("sum of squared turns", r"\sum\varphi_i^2", dims=UNIT),
    "wall": Observable("squared length without gradient", "|w_i|^2", dims=UNIT, scale="log"),
    "turn_each": Observable("turn of each neuron", r"\varphi_i", dims=UNIT, at="measured"),
    "turn_mean": Observable("turn of all neurons", r"\varphi", at="measured"),
    "turn_degrees": Observable(
        "turn a step", r"\varphi", "degrees", at="measured", scale="log"
    ),
    "wall_margin": Observable("way above the wall", r"\ln(|w|^2/\mathrm{wall})", at="measured"),
}  # fmt: skip

EXPERIMENT = Experiment(
    name="symmetries/normalised_weights",
    title="Normalised weights",
    question="How fast does a normalised neuron turn?",
    law=(
        r"\cos\varphi=1-\frac{\eta\lambda}{1+\beta}\qquad"
        r"\left(\varphi\approx\sqrt{2\eta\lambda/(1+\beta)}\ \text{a step}\right)"
    ),
    regime=(
        "Any layer that is blind to its length, on minibatches, whatever data, labels, width and "
        "activation, after the length has settled: a few times 1/(2ηλ) steps."
    ),
    falsifier=(
        "a neuron behind an exact normalisation whose length has settled and whose mean turn a "
        "step is off by more than its length still moves."
    ),
    exercise=(
        r"Behind a normalisation $w\cdot g = 0$. Take one step of descent with weight decay that "
        r"leaves the length as it was, and derive $\cos\varphi = 1 - \eta\lambda$."
    ),
    sources=(
        Source(
            "2006.08419",
            "Ruosi Wan, Zhanxing Zhu, Xiangyu Zhang, Jian Sun",
            "Spherical Motion Dynamics: Learning Dynamics of Neural Network with Normalization, "
            "Weight Decay, and SGD",
            2020,
            "the steady turn",
        ),
        Source(
            "2305.17212",
            "Atli Kosson, Bettina Messmer, Martin Jaggi",
            "Rotational Equilibrium: How Weight Decay Balances Learning Across Neural Networks",
            2023,
            "every neuron settles at the same turn",
        ),
        Source(
            "2012.04728",
            "Daniel Kunin, Javier Sagastuy-Brena, Surya Ganguli, Daniel L. K. Yamins, "
            "Hidenori Tanaka",
            "Neural Mechanics: Symmetry and Broken Conservation Laws in Deep Learning Dynamics",
            2020,
            "scale symmetry, and what breaks it",
        ),
        Source(
            "1706.05350",
            "Twan van Laarhoven",
            "L2 Regularization versus Batch and Weight Normalization",
            2017,
            "decay sets the effective learning rate",
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
    measure=claims.measure,
    view=view.VIEW,
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
    controls=claims.CONTROLS,
)
