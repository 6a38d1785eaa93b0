"""Evaluation of a network on a split: predictions, metrics, calibration and the report."""
