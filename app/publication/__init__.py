"""What a paper takes from a run: figures, tables of claims, and sources."""
