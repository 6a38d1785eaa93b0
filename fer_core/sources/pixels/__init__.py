"""CSV files with each face's pixels as numbers."""
