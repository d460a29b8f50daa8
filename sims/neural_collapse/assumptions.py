"""What the theory of the end state wants of the settings; shared by both experiments."""

from __future__ import annotations

from sims.core.experiment import Assumption
from sims.core.sentences import said
from sims.neural_collapse.optimum import Setting, nonnegative_decay


def room_for_simplex(width: int, needed: int) -> Assumption:
    """The feature space has the dimensions the optimum spans."""
    held = width >= needed
    sentence = f"d = {width}: the predicted arrangement needs {needed} dimensions."
    if not held:
        sentence += " Below that L* is a bound no arrangement reaches."
    return Assumption("room_for_simplex", "room for the simplex", sentence, held, needed / width)


def signal_survives(setting: Setting, survives: bool) -> Assumption:
    """The optimum is not zero: K c < 1 for equal classes."""
    K, c = setting.classes, setting.c
    x = K * (nonnegative_decay(K, c) if setting.nonnegative else c)
    name = "K c √(K/(K-1))" if setting.nonnegative else "K c"
    if setting.balanced:
        sentence = f"{name} = {said(x, 3)}, held below 1"
    else:
        word = "above 0" if survives else "0"
        sentence = f"K c = {said(x, 3)}; the largest predicted mode is {word}, held above 0"
    end = "loss ends at log K" if setting.loss_kind == "ce" else "loss ends where features are zero"
    sentence += "." if survives else f". Beyond, decay wins: everything dies and the {end}."
    return Assumption("signal_survives", "a signal that survives", sentence, survives, x)
