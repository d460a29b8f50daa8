"""Rooms: a class guesses on its phones, and one run is played to all of them."""
