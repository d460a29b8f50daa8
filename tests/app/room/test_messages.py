"""What a room says, against what its browsers are told to expect."""

import pytest

from tests.app.live.browser.schema import ALIASES, FIELDS, misfits
from tests.app.room.conftest import Class


def test_every_message_of_a_room_fits_the_browsers_declaration(opened):
    room: Class = opened(2)
    with room.connected() as one, room.connected() as two:
        wall = room.wall(one)
        student, _ = room.student(two)
        room.compute()
        student.hear("question")
        student.say("guess", question=0, guess="3")
        student.hear("taken")
        student.say("guess", question=0, guess="Jane")
        student.hear("refused")
        wall.hear("guesses")
        wall.say("run")
        student.hear("results")
        wall.hear("results")
        wall.say("end")
        student.hear("ended")
        wall.hear("ended")
        heard = [*wall.heard, *student.heard]
    told = {name.strip() for name in ALIASES["Told"].split("|")}
    kinds = {FIELDS[name]["type"].strip('"') for name in told}
    assert {message["type"] for message in heard} == kinds
    for message in heard:
        message.pop("view", None)  # made up here, and held against its own declaration elsewhere
        wrong = [one for one in misfits("Told", message) if not one.startswith(".view")]
        assert wrong == [], message


@pytest.mark.parametrize("name", ["Told", "Given"])
def test_the_declaration_is_read(name: str):
    assert name in ALIASES or name in FIELDS
