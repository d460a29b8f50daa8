import pytest

from app.live.messages.judgement import headline


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        (["lands"] * 4, "All four claims land"),
        (["lands", "departs", "departs", "departs"], "One claim lands, three depart as foreseen"),
        (["lands"] * 2, "Both claims land"),
        (["lands", "lands", "not judged"], "Two claims land; one is not judged"),
        (["lands", *["not judged"] * 6], "One claim lands; six are not judged"),
        (
            ["lands", "departs", "not judged"],
            "One claim lands, one departs as foreseen; one is not judged",
        ),
        (["departs"], "One claim departs as foreseen"),
        (["departs", "departs"], "Both claims depart as foreseen"),
        (["lands"], "One claim lands"),
        (["not judged"], "No claim is judged here"),
    ],
)
def test_the_headline_counts_the_verdicts(verdicts, sentence):
    assert headline(verdicts) == sentence


def test_a_single_surprise_is_named_with_its_error():
    claims = [{"title": "Jump times", "error_text": "3 %"}]
    assert headline(["surprise"], claims) == "A surprise: jump times off by 3 %"
