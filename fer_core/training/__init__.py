"""Training of one run, step by step."""
