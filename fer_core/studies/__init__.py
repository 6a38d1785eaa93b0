"""Studies that take several runs: cross-validation, ensembles, searches, and the table of results."""
