"""Scaling laws: how loss falls with steps, width, batch and compute, known before the run."""
