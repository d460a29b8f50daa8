"""How much one browser, or one network, may ask."""

from app.room.limits import MOST_SOURCES, Bucket, Sources
from tests.app.room.conftest import Clock


def test_a_bucket_takes_so_many_at_once_and_fills_again():
    clock = Clock()
    bucket = Bucket(3, 2.0, clock)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    assert bucket.is_empty
    assert bucket.wait == 0.5
    clock.now += 0.5
    assert [bucket.take(), bucket.take()] == [True, False]
    clock.now += 100
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_networks_do_not_take_from_each_other_and_ipv6_is_one_by_its_network():
    sources = Sources(1, 60.0, Clock())
    assert sources.of("10.0.0.1").take()
    assert not sources.of("10.0.0.1").take()
    assert not sources.of("::ffff:10.0.0.1").take()
    assert sources.of("10.0.0.2").take()
    assert sources.of("2001:db8:1:2::1").take()
    assert not sources.of("2001:db8:1:2:ffff::1%eth0").take()
    assert sources.of("2001:db8:1:3::1").take()
    assert sources.of("testclient").take()


def test_no_number_of_addresses_fills_the_memory():
    sources = Sources(1, 60.0, Clock())
    for n in range(MOST_SOURCES + 50):
        sources.of(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(sources._buckets) == MOST_SOURCES
