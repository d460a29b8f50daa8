"""Figures of lazy and rich training: all are declared beside their theories."""
