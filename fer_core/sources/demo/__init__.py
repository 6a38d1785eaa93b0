"""The drawn faces of the demo data set."""
