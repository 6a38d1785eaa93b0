"""FER Studio's engine: data sets, training, evaluation and explanation of facial expressions."""

__version__ = "0.2.0"
