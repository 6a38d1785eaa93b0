"""Corrections of labels: a list separate from the data set; sources are never edited."""
