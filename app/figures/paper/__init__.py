"""Panels on paper: the page's own figures, drawn by Matplotlib as vectors.

A panel is translated as it stands, with its run filled in, so that paper shows what the page shows:
theory dashed in ink, runs in their colours, levels and times dotted, names beside the curves.
"""
