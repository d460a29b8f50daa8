"""Figures: pure functions from a prediction to panels, and the style they share."""
