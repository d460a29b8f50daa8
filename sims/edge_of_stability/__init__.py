"""Edge of stability: training that rides the stability limit of its own step size."""
