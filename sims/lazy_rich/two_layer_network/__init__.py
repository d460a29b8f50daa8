"""A two-layer network behind an output scale: how far the lazy theory carries, and where not."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.lazy_rich.two_layer_network import (
    assumptions,
    claims,
    params,
    presets,
    theory,
    training,
    view,
)

OBSERVABLES = {
    "train_loss": Observable("train loss", r"L", scale="log"),
    "test_loss": Observable("test loss", r"L'", scale="log"),
    "weight_change": Observable("relative change of the weights", r"D_\theta", scale="log"),
    "feature_change": Observable("relative change of the features", "R", scale="log"),
    "kernel_change": Observable("relative change of the kernel", r"|K-K_0|/|K_0|", scale="log"),
    "kernel_distance": Observable("distance to the first kernel", "1-A(K,K_0)", scale="log"),
    "alignment": Observable("alignment with the target", r"A(K,yy^\top)"),
    "alignment_centred": Observable("alignment with the target, centred", r"A_c(K,yy^\top)"),
    "rate_over_edge": Observable("rate over the edge", r"\eta\lambda_\max/2n"),
    "test_function": Observable("function on the test inputs", "f'", "", ("input",), "snapshots"),
    "mode_residuals": Observable(
        "residuals of the largest modes", r"u_j\cdot(y-f)", "", ("mode",), "snapshots"
    ),
    "kernel": Observable(
        "tangent kernel on the train points", "K", "", ("sample", "sample2"), "snapshots"
    ),
    "kernel_eigenvalues": Observable(
        "kernel spectrum", r"\lambda_j", "", ("eigenvalue",), "snapshots", "log"
    ),
    "neurons": Observable("neurons", r"|a_i|w_i", "", ("neuron", "coordinate"), "snapshots"),
    "mass_near_teacher": Observable("mass near a teacher ray", "m", "", (), "snapshots"),
    "feature_change_final": Observable(
        "change of the features at the end", "R", "", (), "measured", "log"
    ),
    "weight_change_final": Observable(
        "change of the weights at the end", r"D_\theta", "", (), "measured", "log"
    ),
    "catapult_slope": Observable("slope of the catapult", r"s", "per step", (), "measured"),
}

EXPERIMENT = Experiment(
    name="lazy_rich/two_layer_network",
    title="Two layers",
    question="At which output scale does a network stop being a kernel machine?",
    law=(
        r"f = \alpha\,(h-h_0)\,,\quad "
        r"L_\mathrm{lin}(k) = \tfrac{1}{2n}\sum_j(1-\eta\lambda_j/n)^{2k}c_j^2\,,\quad "
        r"R_\mathrm{pred} = \frac{|J(\theta_0+v/\alpha)-J_0|}{|J_0|}"
    ),
    regime="Below a feature change of a tenth, and a rate below the edge of the linear model.",
    falsifier=(
        "one seed whose features, weights or test function leave the lazy prediction by more "
        "than a few percent while the theory says they move by less than 10 %."
    ),
    exercise=(
        r"Why does the train loss of the lazy model not depend on $\alpha$, while the "
        r"change of the weights does? How much larger must $\alpha$ be for a tenth of the "
        "movement?"
    ),
    sources=(
        Source(
            "1812.07956",
            "L. Chizat, E. Oyallon and F. Bach",
            "On Lazy Training in Differentiable Programming",
            2018,
            "the output scale and the criterion",
        ),
        Source(
            "1806.07572",
            "A. Jacot, F. Gabriel and C. Hongler",
            "Neural Tangent Kernel: Convergence and Generalization in Neural Networks",
            2018,
            "the tangent kernel",
        ),
        Source(
            "1902.06720",
            "J. Lee, L. Xiao, S. Schoenholz, Y. Bahri, R. Novak, J. Sohl-Dickstein "
            "and J. Pennington",
            "Wide Neural Networks of Any Depth Evolve as Linear Models Under Gradient Descent",
            2019,
            "the curves of the linear model",
        ),
        Source(
            "2003.02218",
            "A. Lewkowycz, Y. Bahri, E. Dyer, J. Sohl-Dickstein and G. Gur-Ari",
            "The large learning rate phase of deep learning: the catapult mechanism",
            2020,
            "what happens beyond the edge",
        ),
        Source(
            "2011.14522",
            "G. Yang and E. J. Hu",
            "Feature Learning in Infinite-Width Neural Networks",
            2020,
            "which scale stays the same as the width grows",
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
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    view=view.VIEW,
    sweep_claims=claims.SWEEP_CLAIMS,
    warnings=assumptions.warnings,
    notices=params.notices,
    default_seed=1,
)
