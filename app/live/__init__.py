"""The live channel: hub, jobs, frames, and the routes that carry them to the browser."""
