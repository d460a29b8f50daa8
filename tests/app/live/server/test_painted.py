"""A page's turn waits for the picture: `Hub.await_painted`."""

import threading

from app.live.server.hub import Hub
from tests.app.live.server.readers import submit


def ignored() -> None:
    """What a socket would do with news."""


def test_a_page_waits_until_its_watched_job_is_painted(still_hub: Hub):
    token = submit(still_hub)
    still_hub.attach(token, ignored)
    painting = threading.Timer(0.1, still_hub.control, (token, "painted"))
    painting.start()
    assert still_hub.await_painted(token, 20.0)
    painting.join()


def test_a_page_does_not_wait_long_for_a_browser_that_paints_nothing(still_hub: Hub):
    token = submit(still_hub)
    still_hub.attach(token, ignored)
    assert not still_hub.await_painted(token, 0.01)


def test_a_page_does_not_wait_for_paint_that_nobody_watches_or_that_is_dropped(still_hub: Hub):
    token = submit(still_hub)
    assert not still_hub.await_painted(token, 20.0)
    still_hub.attach(token, ignored)
    dropping = threading.Timer(0.1, still_hub.release, ("me",))
    dropping.start()
    assert not still_hub.await_painted(token, 20.0)
    dropping.join()
    assert not still_hub.await_painted("nobody", 20.0)
