"""CSV files that hold each face as numbers."""
