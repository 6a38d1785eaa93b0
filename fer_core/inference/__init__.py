"""Applying a network to faces: logits, views, photographs and heatmaps."""
