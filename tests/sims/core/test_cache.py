import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from sims.core.cache import Cache, latest_kept

SLOW = 0.05


def cache(count: int = 8, limit: int = 1000) -> Cache[bytes]:
    return Cache(count, limit, len)


def together(n: int, ask: Callable[[], object]) -> list[object]:
    """What n threads get that ask at the same moment: values or exceptions."""
    barrier = threading.Barrier(n)

    def asked() -> object:
        barrier.wait()
        try:
            return ask()
        except BaseException as error:
            return error

    with ThreadPoolExecutor(n) as pool:
        return [f.result(timeout=20) for f in [pool.submit(asked) for _ in range(n)]]


def test_a_value_is_built_once_and_the_least_recently_used_goes_first():
    kept, built = cache(count=2), []

    def get(key: str) -> bytes:
        return kept.get(key, lambda: built.append(key) or key.encode())

    for key in ("a", "b", "a", "c", "a", "b"):
        assert get(key) == key.encode()
    assert built == ["a", "b", "c", "b"]
    assert kept.held() == (2, 2)


def test_bytes_are_bounded_and_the_newest_stays_however_large():
    kept = cache(limit=100)
    for key in range(9):
        kept.get(key, lambda: bytes(30))
        assert kept.nbytes() <= 100
    assert kept.held() == (3, 90)
    assert kept.get("huge", lambda: bytes(5000)) == bytes(5000)
    assert kept.held() == (1, 5000)
    kept.get("small", lambda: b"1")
    assert kept.held() == (1, 1)
    kept.clear()
    assert kept.held() == (0, 0)


def test_many_threads_build_each_key_once():
    kept, built = cache(), []

    def build() -> bytes:
        built.append(threading.get_ident())
        time.sleep(SLOW)
        return b"value"

    assert together(8, lambda: kept.get("key", build)) == [b"value"] * 8
    assert len(built) == 1
    assert kept.held() == (1, 5)


def test_while_one_key_is_built_others_are_not_held_up():
    kept, begun, enough = cache(), threading.Event(), threading.Event()

    def slow() -> bytes:
        begun.set()
        assert enough.wait(10)
        return b"slow"

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(kept.get, "slow", slow)
        assert begun.wait(10)
        assert kept.get("quick", lambda: b"quick") == b"quick"
        assert not waiting.done()
        enough.set()
        assert waiting.result(timeout=10) == b"slow"


def test_a_build_that_fails_tells_all_who_wait_and_is_tried_again_later():
    kept, tries = cache(), []

    def build() -> bytes:
        tries.append(1)
        time.sleep(SLOW)
        if len(tries) == 1:
            raise ValueError("no")
        return b"yes"

    found = together(6, lambda: kept.get("key", build))
    assert len(tries) == 1
    assert [str(e) for e in found] == ["no"] * 6
    assert kept.held() == (0, 0)
    assert kept.get("key", build) == b"yes"


def test_a_builder_that_is_stopped_leaves_the_work_to_one_who_waits():
    kept, tries = cache(), []

    def build() -> bytes:
        tries.append(1)
        time.sleep(SLOW)
        if len(tries) == 1:
            raise KeyboardInterrupt
        return b"yes"

    found = together(4, lambda: kept.get("key", build))
    assert len(tries) == 2
    assert sum(isinstance(f, KeyboardInterrupt) for f in found) == 1
    assert found.count(b"yes") == 3


def test_threads_at_random_never_exceed_the_bounds():
    kept = cache(count=5, limit=60)

    def asked(seed: int) -> None:
        for i in range(300):
            key = (seed * 7 + i * i) % 11
            assert kept.get(key, partial(bytes, key + 1)) == bytes(key + 1)
            count, nbytes = kept.held()
            assert count <= 5
            assert nbytes <= 60

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(asked, range(4))) == [None] * 4


@pytest.mark.parametrize("error", [ValueError("size"), RuntimeError("size")])
def test_a_size_that_cannot_be_told_is_as_a_build_that_fails(error):
    def size(_: bytes) -> int:
        raise error

    kept = Cache(4, 100, size)
    with pytest.raises(type(error), match="size"):
        kept.get("key", lambda: b"")
    assert kept.held() == (0, 0)


def test_the_latest_result_is_kept_for_the_very_same_objects():
    asked: list[object] = []

    @latest_kept
    def half(numbers: dict[str, float]) -> float:
        """Half of it."""
        asked.append(numbers)
        return numbers["x"] / 2

    one, same = {"x": 2.0}, {"x": 2.0}
    assert [half(one), half(one), half(same), half(same), half(one)] == [1.0] * 5
    assert [id(x) for x in asked] == [id(one), id(same), id(one)]
    assert half.__doc__ == "Half of it."
