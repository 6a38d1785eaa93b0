"""Assembles a data set from a recipe of sources."""
