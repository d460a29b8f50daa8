"""Teacher and student: settings that are solved, down to how far a single run strays."""

from sims.core.experiment import Phenomenon
from sims.teacher_student.online_sgd import EXPERIMENT as ONLINE_SGD
from sims.teacher_student.single_index import EXPERIMENT as SINGLE_INDEX

PHENOMENON = Phenomenon(
    name="teacher_student",
    title="Teacher and student",
    evidence="Solvable settings",
    question="How long does a student see nothing, and then all at once?",
    story=(
        "A student learns a teacher's answers from examples that are new each time. A few overlaps "
        "say everything: the plateau on which nothing happens, the moment it ends, and how far "
        "chance may carry a single run."
    ),
    experiments=(ONLINE_SGD, SINGLE_INDEX),
)
