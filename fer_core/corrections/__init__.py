"""Corrections of labels: an overlay over what the sources say, never an edit of them."""
