"""What a browser is sent of a job: frames of bounded size, again where some were lost."""

import numpy as np

from app.live.server.hub import Hub
from app.live.server.job import Cursor
from tests.app.live.server.readers import drained, settle, submit


def test_frames_are_idempotent_under_loss(still_hub: Hub):
    token = submit(still_hub, seeds=3)
    settle(still_hub)
    still_hub.control(token, "pace", 1000.0)
    still_hub.control(token, "run")
    settle(still_hub)
    still_hub.control(token, "head", 241)
    settle(still_hub)
    whole = drained(still_hub, token, Cursor())
    lossy = drained(still_hub, token, Cursor(), lose=lambda n: n % 2 == 0)
    assert sorted(whole) == sorted(lossy) == list(range(241))
    assert all(np.array_equal(whole[i], lossy[i], equal_nan=True) for i in whole)


def test_a_reconnect_resumes_from_the_row_the_browser_holds(still_hub: Hub):
    token = submit(still_hub)
    settle(still_hub)
    still_hub.control(token, "run")
    settle(still_hub)
    held = drained(still_hub, token, Cursor(rows=[100, 0]))
    assert sorted(held) == list(range(100, 241))


def test_no_second_frame_while_one_is_in_flight(still_hub: Hub):
    token = submit(still_hub)
    settle(still_hub)
    still_hub.control(token, "run")
    settle(still_hub)
    assert still_hub.read(token, Cursor(in_flight=True))[1] is None
