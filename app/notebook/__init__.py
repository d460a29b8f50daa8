"""Runs in Jupyter and marimo: shown as they are, as Plotly's figures, and live."""
