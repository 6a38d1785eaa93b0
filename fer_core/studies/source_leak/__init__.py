"""Source leakage: whether a face's pixels reveal its source."""
