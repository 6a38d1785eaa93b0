"""The networks: their names (no torch), the project's own, torchvision's and timm's, and their weights."""
