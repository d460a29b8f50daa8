"""The pages: home, that of an experiment, the guide; and what a reader sets and asks there."""
