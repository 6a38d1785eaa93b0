"""A recipe of sources to a data set."""
