"""The words an experiment says its picture in: data only, nothing is drawn here.

A `View` names a hero, more panels, tiles of predicted numbers, and moments. A panel says what it
shows of which run variable; label, symbol, unit, dimensions and scale are the `Observable`'s, and
the theory is the predicted variable of the same name, unless the panel says otherwise.

    View(hero=Curves("beta", levels=(0, 1)), panels=(Curves("loss", log=True), Difference("beta")))

A `Guess` says what a reader may be asked to draw before the theory is shown.

Numbers and sentences may be functions of the prediction, read as a `Known`. Sentences carry TeX
between dollar signs. A panel whose theory is not predicted for these settings draws the run alone;
with `when` it is left out.
"""

from sims.view.guess import Guess
from sims.view.marks import (
    FLOW_TIME,
    LATER,
    LOG_STEPS,
    LOG_TIME,
    SAME,
    STEPS,
    TIME,
    Arrays,
    Clock,
    Condition,
    Contour,
    Derived,
    Given,
    Known,
    Level,
    Moment,
    Number,
    Span,
    Text,
    Tile,
    Values,
)
from sims.view.panels import (
    Bespoke,
    Curves,
    Difference,
    Law,
    Map,
    Path,
    Picture,
    Places,
    Profile,
)
from sims.view.spans import decades
from sims.view.whole import Tiles, View

__all__ = [
    "FLOW_TIME",
    "LATER",
    "LOG_STEPS",
    "LOG_TIME",
    "SAME",
    "STEPS",
    "TIME",
    "Arrays",
    "Bespoke",
    "Clock",
    "Condition",
    "Contour",
    "Curves",
    "Derived",
    "Difference",
    "Given",
    "Guess",
    "Known",
    "Law",
    "Level",
    "Map",
    "Moment",
    "Number",
    "Path",
    "Picture",
    "Places",
    "Profile",
    "Span",
    "Text",
    "Tile",
    "Tiles",
    "Values",
    "View",
    "decades",
]
