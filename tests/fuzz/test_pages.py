"""Links of every kind, opened: the page is drawn, and what it refuses it says in a sentence."""

import random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from tests.fuzz.test_links import is_a_sentence, link

EXAMPLES, EACH = 8, 5
"""Seeds, and links made from each."""


def script(name):
    from app.page import experiment as page
    from sims import api
    from sims.core.registry import registry

    experiment = api.experiment(name)
    (phenomenon,) = (p for p in registry.phenomena() if experiment in p.experiments)
    page.render(phenomenon, experiment)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, 2**32 - 1))
def test_a_page_opens_whatever_stands_in_its_link(still_hub, seed):
    drawn = random.Random(seed)
    for _ in range(EACH):
        experiment, query = link(drawn)
        test = AppTest.from_function(script, args=(experiment.name,), default_timeout=60)
        for name, typed in query.items():
            test.query_params[name] = typed
        test.run()
        assert not test.exception, (experiment.name, query, [e.value for e in test.exception])
        assert still_hub.mounted, (experiment.name, query)
        said = [banner.value for banner in (*test.error, *test.warning)]
        assert all(is_a_sentence(sentence) for sentence in said), (experiment.name, query, said)
