"""A run to take elsewhere: a zip, a model card, an ONNX file."""
