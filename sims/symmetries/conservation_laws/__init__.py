"""What training cannot change, and what a step of finite size lets leak."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.symmetries.conservation_laws import claims, params, theory, training, view

UNIT = ("unit",)
OBSERVABLES = {
    "loss": Observable("loss", "L"),
    "charge": Observable("charge", "q_i", dims=UNIT),
    "decayed": Observable("charge without a leak", "q_i", dims=UNIT),
    "leak": Observable("leak", r"\Delta q_i", dims=UNIT),
    "left": Observable("share of the charge that is left", "q(t)/q(0)"),
    "ledger": Observable("ledger less charge", dims=UNIT),
    "norm_in": Observable("squared length of the incoming weights", "|W_i|^2", dims=UNIT),
    "norm_out": Observable("squared length of the outgoing weights", "|V_i|^2", dims=UNIT),
    "leak_largest": Observable(
        "largest leak of a neuron", r"\max|\Delta q|", at="measured", scale="log"
    ),
    "travel_largest": Observable("farthest way along a rail", r"\max|\Delta V^2|", at="measured"),
    "ledger_drift": Observable("largest gap of the ledger", at="measured", scale="log"),
}

EXPERIMENT = Experiment(
    name="symmetries/conservation_laws",
    title="Conservation laws",
    question="What can training never change, and how much does a step of finite size let leak?",
    law=(
        r"\theta^{\mathsf T}A\,\nabla L=0\ \Rightarrow\ q=\theta^{\mathsf T}A\,\theta=\text{const}"
        r"\,;\qquad q_{t+1}=(1-\eta\lambda)^2q_t+\eta^2\,g_t^{\mathsf T}A\,g_t"
    ),
    regime=(
        "Exact at every step size where a symmetry of the loss is also one of the step (sums, "
        "spins); for lengths in the limit of small steps, with a leak that is predicted."
    ),
    falsifier=(
        "one net whose activation, loss and normalisation have the symmetry and whose charge moves "
        "by more than rounding beyond the ledger of its own steps."
    ),
    exercise=(
        r"At $\beta = 0$, $\lambda = 0$ show that $q' - q = \eta^2 (|g_V|^2 - |g_W|^2)$ for each "
        r"neuron of a relu net, and that half the step leaks half as much at a fixed horizon."
    ),
    sources=(
        Source(
            "2012.04728",
            "Daniel Kunin, Javier Sagastuy-Brena, Surya Ganguli, Daniel L. K. Yamins, "
            "Hidenori Tanaka",
            "Neural Mechanics: Symmetry and Broken Conservation Laws in Deep Learning Dynamics",
            2020,
            "symmetries and their charges; decay, momentum and finite steps break them",
        ),
        Source(
            "1806.00900",
            "Simon S. Du, Wei Hu, Jason D. Lee",
            "Algorithmic Regularization in Learning Deep Homogeneous Models: Layers are "
            "Automatically Balanced",
            2018,
            "balance of incoming and outgoing weights",
        ),
        Source(
            "2105.02716",
            "Hidenori Tanaka, Daniel Kunin",
            "Noether's Learning Dynamics: Role of Symmetry Breaking in Neural Networks",
            2021,
            "the kinetic term as the cause of the leak",
        ),
        Source(
            "2009.11162",
            "David G. T. Barrett, Benoit Dherin",
            "Implicit Gradient Regularization",
            2020,
            "the smooth path that descent with a finite step follows",
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
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    measure=claims.measure,
    view=view.VIEW,
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
    controls=claims.CONTROLS,
)
