"""Cached calls into the engine, on plain arguments."""
