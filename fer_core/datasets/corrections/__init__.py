"""Corrections of labels: a list beside the data set, never an edit of its source."""
