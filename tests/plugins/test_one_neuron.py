from pathlib import Path

from sims.core.registry import find
from sims.testing import check_experiment


def test_an_experiment_in_one_file_keeps_what_every_one_promises():
    check_experiment(find(Path(__file__).with_name("one_neuron.py")))
