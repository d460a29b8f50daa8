"""One short file per phenomenon, and the home page."""
