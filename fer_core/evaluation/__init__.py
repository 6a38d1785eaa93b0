"""A network and a split: predictions, metrics, calibration and the report."""
