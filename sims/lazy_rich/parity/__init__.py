"""Parity: what a rich network learns from points on which every kernel must fail."""

from sims.core.controls import Control
from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.lazy_rich.parity import claims, params, theory, training, view

OBSERVABLES = {
    "train_loss": Observable("train loss", r"|f-y|^2/2n", scale="log"),
    "test_loss": Observable("test loss", r"|f-y|^2/2n'", scale="log"),
    "relevant_share": Observable("share of the bits that matter", "s"),
    "axis_shares": Observable("share of each bit", "s_j", "", ("axis",), "snapshots"),
    "test_loss_final": Observable("test loss at the end", r"L_\mathrm{test}", "", (), "measured"),
    "relevant_share_final": Observable("share at the end", "s", "", (), "measured"),
}

EXPERIMENT = Experiment(
    name="lazy_rich/parity",
    title="Parity",
    question="Does being rich help?",
    law=(
        r"y = x_1x_2\,,\quad x\in\{-1,1\}^{d}\,;\qquad "
        r"L_\mathrm{lin} = \tfrac1{2n'}|K_0'K_0^{-1}(1-(1-\eta K_0/n)^k)\,y-y'|^2"
    ),
    regime="Lazy curves at the run's own finite step; no theory says when features win.",
    falsifier=(
        "one seed whose test loss leaves the kernel's by more than 7 % while the theory says the "
        "features move by less than 10 %."
    ),
    exercise=(
        "How many samples does a kernel need? Double $n$ from 128 on and read its test "
        "loss off the prediction, before any run."
    ),
    sources=(
        Source(
            "1812.07956",
            "L. Chizat, E. Oyallon and F. Bach",
            "On Lazy Training in Differentiable Programming",
            2018,
            "the output scale and the lazy limit",
        ),
        Source(
            "1806.07572",
            "A. Jacot, F. Gabriel and C. Hongler",
            "Neural Tangent Kernel: Convergence and Generalization in Neural Networks",
            2018,
            "the tangent kernel",
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
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    view=view.VIEW,
    warnings=claims.warnings,
    default_seed=1,
    controls=(Control("shuffled targets", task=training.shuffled),),
)
