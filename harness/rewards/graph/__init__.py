"""From a checked program, tried on states of its task, to a verified graph of tensor operations."""
