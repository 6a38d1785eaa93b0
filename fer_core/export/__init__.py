"""Exporting a run: a zip file, a model card, an ONNX file."""
