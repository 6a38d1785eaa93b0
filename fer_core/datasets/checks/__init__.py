"""Checks of faces: copies, poor image quality, and rare classes."""
