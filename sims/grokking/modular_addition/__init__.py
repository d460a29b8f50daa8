"""Modular addition: a network that memorises first, and what it will have learnt in the end."""

from sims.core.experiment import Experiment, Observable, Source
from sims.grokking.modular_addition import (
    assumptions,
    claims,
    params,
    presets,
    theory,
    training,
    view,
)
from sims.grokking.modular_addition.feasible import feasible

OBSERVABLES = {
    "train_loss": Observable("train loss", "L", scale="log"),
    "test_loss": Observable("test loss", "L'", scale="log"),
    "train_accuracy": Observable("train accuracy", "A"),
    "test_accuracy": Observable("test accuracy", "A'"),
    "restricted_loss": Observable(
        "restricted loss, over unseen pairs", r"L_\mathrm{circuit}", scale="log"
    ),
    "excluded_loss": Observable("excluded loss", r"L_\mathrm{rest}", scale="log"),
    "restricted_share": Observable("share of the circuit in the logits", "|g|^2/|f|^2"),
    "ipr": Observable("inverse participation ratio", r"\mathrm{IPR}"),
    "phase_defect": Observable("phase defect", r"\delta", "rad", scale="log"),
    "margin_ratio": Observable("margin over the maximum", r"\gamma/\gamma^*"),
    "weight_norm": Observable("norm of all weights", r"|\theta|"),
    "frequency_shares": Observable("share of each frequency", r"\rho_k", "", ("frequency",)),
    "answers": Observable(
        "answers: 0 wrong, 1 right; 2 more on train pairs", "", "", ("a", "b"), "snapshots"
    ),
    "embedding": Observable("weights of a", "A", "", ("number", "neuron"), "snapshots"),
    "spectrum": Observable(
        "share of each frequency in each neuron", "q_k", "", ("neuron", "frequency"), "snapshots"
    ),
    "columns": Observable("columns of A", "A", "", ("curve", "number"), "snapshots"),
    "column_cosines": Observable(
        "best-fit cosines of the columns", "A", "", ("curve", "number"), "snapshots"
    ),
    "column_frequencies": Observable(
        "frequencies of the columns", "k", "", ("curve",), "snapshots"
    ),
    "clock": Observable(
        "numbers as the first frequency sees them", "", "", ("axis", "number"), "snapshots"
    ),
    "clock_frequency": Observable("frequency of the clock", "k", "", (), "snapshots"),
    "train_step": Observable("step with train accuracy 0.9", "n", "steps", (), "measured"),
    "test_step": Observable("step with test accuracy 0.9", "n'", "steps", (), "measured"),
    "jump_step": Observable("step with test accuracy 0.5", "n'", "steps", (), "measured"),
    "restricted_step": Observable(
        "step with half the restricted loss", r"n_\mathrm{circuit}", "steps", (), "measured"
    ),
    "train_between": Observable(
        "records around train accuracy 0.9", "", "steps", ("end",), "measured"
    ),
    "test_between": Observable(
        "records around test accuracy 0.9", "", "steps", ("end",), "measured"
    ),
    "jump_between": Observable(
        "records around test accuracy 0.5", "", "steps", ("end",), "measured"
    ),
    "restricted_between": Observable(
        "records around half the restricted loss", "", "steps", ("end",), "measured"
    ),
    "restricted_lead": Observable(
        "step of the circuit over that of the jump", r"n_\mathrm{circuit}/n_\mathrm{jump}", "", (),
        "measured",
    ),
    "underflow_step": Observable(
        "step with a cross-entropy of 1e-7", "n", "steps", (), "measured"
    ),
    "goldilocks_norm": Observable("norm at the jump", r"|\theta|", "", (), "measured"),
    "max_margin": Observable("normalised margin", r"\gamma", "", (), "measured"),
    "margin_ratio_final": Observable(
        "margin over the maximum at the end", r"\gamma/\gamma^*", "", (), "measured"
    ),
    "phase_defect_final": Observable(
        "phase defect at the end", r"\delta", "rad", (), "measured"
    ),
    "ipr_final": Observable("participation at the end", r"\mathrm{IPR}", "", (), "measured"),
    "test_accuracy_final": Observable("test accuracy at the end", "A'", "", (), "measured"),
    "frequency_shares_final": Observable(
        "share of each frequency at the end", r"\rho_k", "", ("frequency",), "measured"
    ),
}  # fmt: skip

EXPERIMENT = Experiment(
    name="grokking/modular_addition",
    title="Modular addition",
    question="What will a network that adds modulo p have learnt?",
    law=(
        r"A_n,B_n,C_n \propto \cos\!\big(\tfrac{2\pi k}{p}n+\varphi\big),\ "
        r"\cos\!\big(\tfrac{2\pi k}{p}n+\psi\big),\ \cos\!\big(\tfrac{2\pi k}{p}n+\chi\big)"
        r"\,,\quad \chi=\varphi+\psi\,;\qquad "
        r"\gamma^* = \sqrt{\tfrac{2}{27}}\,\frac{1}{\sqrt{p}\,(p-1)}"
    ),
    regime="Squares on all pairs with the cubic decay (γ* of an odd p); AdamW on a part of them.",
    falsifier=(
        "one seed of squares on all pairs whose margin ends 3 % short of the maximum, or one of "
        "AdamW whose test accuracy jumps before the mean over unseen pairs shows the circuit."
    ),
    exercise=(
        "Halve the weight decay and double the steps. By what factor does the jump of "
        "the test accuracy move?"
    ),
    sources=(
        Source(
            "2201.02177",
            "A. Power, Y. Burda, H. Edwards, I. Babuschkin and V. Misra",
            "Grokking: Generalization Beyond Overfitting on Small Algorithmic Datasets",
            2022,
            "the task and the curve",
        ),
        Source(
            "2301.02679",
            "A. Gromov",
            "Grokking modular arithmetic",
            2023,
            "the network of squares and its exact weights",
        ),
        Source(
            "2301.05217",
            "N. Nanda, L. Chan, T. Lieberum, J. Smith and J. Steinhardt",
            "Progress measures for grokking via mechanistic interpretability",
            2023,
            "restricted and excluded loss",
        ),
        Source(
            "2311.07568",
            "D. Morwani, B. Edelman, C.-A. Oncescu, R. Zhao and S. Kakade",
            "Feature emergence via margin maximization: case studies in algebraic tasks",
            2023,
            "the maximum margin and its frequencies",
        ),
        Source(
            "2309.02390",
            "V. Varma, R. Shah, Z. Kenton, J. Kramár and R. Kumar",
            "Explaining grokking through circuit efficiency",
            2023,
            "the critical size of the data",
        ),
        Source(
            "2210.01117",
            "Z. Liu, E. Michaud and M. Tegmark",
            "Omnigrok: Grokking Beyond Algorithmic Data",
            2022,
            "the norm at the jump",
        ),
    ),
    Params=params.Params,
    presets=presets.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=assumptions.assumptions,
    simulation=training.simulation,
    measure=claims.measure,
    observables=OBSERVABLES,
    view=view.VIEW,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    feasible=feasible,
    warnings=assumptions.warnings,
)
