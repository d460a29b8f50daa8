"""The live channel's server: jobs, who computes next, columns, frames, routes."""
