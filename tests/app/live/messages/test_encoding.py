import math

from app.live.messages.encoding import json_text


def test_json_has_no_nan():
    assert json_text({"a": math.nan, "b": [math.inf, 1.5]}) == '{"a":null,"b":[null,1.5]}'
