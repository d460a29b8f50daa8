"""What counts as a page of this server."""

import pytest

from app.live.server import origin


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"origin": "http://localhost:8501", "host": "localhost:8501"}, True),
        ({"origin": "http://localhost:9999", "host": "localhost:8501"}, False),
        ({"origin": "https://lab.example", "host": "lab.example:443"}, True),
        (
            {
                "origin": "https://lab.example",
                "host": "10.0.0.1",
                "x-forwarded-host": "lab.example",
            },
            True,
        ),
        ({"origin": "null", "host": "localhost"}, False),
        ({"origin": "http://evil.example", "host": "localhost"}, False),
        ({"host": "localhost"}, False),
        ({"origin": "http://[", "host": "localhost"}, False),
    ],
)
def test_same_origin_compares_host_and_port(headers, allowed):
    assert origin.same_origin(headers) is allowed


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("http://localhost:8501/lmx/", "http://localhost:8501/lmx"),
        ("http://localhost:8501", "http://localhost:8501"),
        ("http://elsewhere.example/", ""),
        ("http://localhost:8501/?a=1", ""),
        ("javascript:alert(1)", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_an_address_is_taken_if_it_is_of_this_host(address, taken):
    assert origin.own_address({"host": "localhost:8501"}, address) == taken
