"""Online SGD of a student on a teacher's answers: the curve, and how far one run may stray."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.teacher_student.online_sgd import claims, params, theory, training, view

OBSERVABLES = {
    "eps": Observable("generalisation error", r"\varepsilon", scale="log"),
    "overlaps": Observable("overlaps", "Q, R", dims=("overlap",)),
    "R": Observable("who learns whom", "R", dims=("unit", "teacher_unit"), at="snapshots"),
    "sd_eps": Observable("predicted scatter of the error", r"\mathrm{sd}\,\varepsilon"),
    "sd_overlaps": Observable("predicted scatter", r"\mathrm{sd}", dims=("overlap",)),
    "specialisation_time": Observable("time of specialisation", "t^*", at="measured"),
}

EXPERIMENT = Experiment(
    name="teacher_student/online_sgd",
    title="Online SGD",
    question="How long does a student see nothing, and how far may one run stray?",
    law=(
        r"\frac{d(Q,R)}{dt}=F_\eta(Q,R),\qquad \mathrm{Cov}=\tfrac1d P,\ "
        r"\dot P=JP+PJ^{\mathsf T}+D,\qquad t=\frac{\text{step}}{d}"
    ),
    regime=(
        "Exact for fresh Gaussian examples and d to infinity; at finite d the scatter is predicted "
        "too, as 1/√d."
    ),
    falsifier=(
        "a run on fresh examples that strays from the curve by more than six of its own predicted "
        "standard deviations, at d = 400."
    ),
    exercise=(
        r"One unit learns one. Linearise at $Q = R = 1$ and find the rate above which a perfect "
        r"student cannot stay: $\pi\sqrt{5/3}$."
    ),
    sources=(
        Source(
            "1906.08632",
            "Sebastian Goldt, Madhu S. Advani, Andrew M. Saxe, Florent Krzakala, Lenka Zdeborová",
            "Dynamics of stochastic gradient descent for two-layer neural networks in the "
            "teacher-student setup",
            2019,
            "the closed equations for students larger than their teacher",
        ),
        Source(
            "1901.09085",
            "Sebastian Goldt, Madhu S. Advani, Andrew M. Saxe, Florent Krzakala, Lenka Zdeborová",
            "Generalisation dynamics of online learning in over-parameterised neural networks",
            2019,
            "the error grows with the number of student units",
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
    controls=claims.CONTROLS,
    view=view.VIEW,
    feasible=params.feasible,
    dtype=lambda _: "float32",
)
