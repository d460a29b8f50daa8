"""Lazy and rich training: when a network is a kernel machine, and when it learns features."""
