"""A network and a face: logits, views, photographs and heatmaps."""
