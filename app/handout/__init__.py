"""A hand-out: one experiment on one page of A4, as vectors, for a class to draw its guess in."""
