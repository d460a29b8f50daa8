"""Reference pictures of the home page, made from real runs: `python -m app.bench.pictures`.

Each picture is a panel of a finished run with its colours still roles, thinned, and the numbers
beside it; nothing is typed by hand.
"""
