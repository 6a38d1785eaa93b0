"""Benchmarks measured side by side in one run, so that noise on the machine affects all compared times."""
