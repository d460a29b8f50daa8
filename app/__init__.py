"""The browser side and the command line; computes nothing about training."""
