"""The networks: their names (no torch), the project's own, torchvision's, and how weights get in."""
