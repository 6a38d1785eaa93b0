"""A run: its config, its origin, and the contents of its folder. No torch here."""
