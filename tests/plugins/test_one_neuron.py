from pathlib import Path

from sims.core.registry import find
from sims.testing import check_experiment

FILE = Path(__file__).with_name("one_neuron.py")


def test_one_file_of_at_most_250_lines_keeps_every_promise():
    assert len(FILE.read_text("utf-8").splitlines()) <= 250
    check_experiment(find(FILE))
