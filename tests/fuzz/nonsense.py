"""Texts of every kind, from a seeded generator."""

import random
import string

ODD = (
    "auto", "true", "false", "nan", "inf", "-inf", "1e400", "-1e400", "1e-400", "0x10", "1_000", "",
    " ", ",", "1,,2", "../../etc/passwd", "None", "0", "-0", "1e-4", "random", "aligned", "linear",
    "1:2:3", "1:2:3:log", "9" * 5000, "1" + "0" * 400, "<script>", "%00", "\x00", "1\n2", "٣", "½",
)  # fmt: skip
ALPHABET = string.printable + "αη∞ß\u202e\ud7ff\U0001f600"


def text(drawn: random.Random) -> str:
    """A number, a list, something odd, or anything."""
    kind = drawn.randrange(5)
    if kind == 0:
        return str(drawn.uniform(-1, 1) * 10.0 ** drawn.randint(-30, 30))
    if kind == 1:
        return str(drawn.randint(-(10**6), 10**6))
    if kind == 2:
        return ",".join(f"{drawn.gauss(0, 10):.3g}" for _ in range(drawn.randrange(5)))
    if kind == 3:
        return drawn.choice(ODD)
    return "".join(drawn.choice(ALPHABET) for _ in range(drawn.randrange(20)))
