"""A data set whose sources name different classes."""

from fer_core.labels import EXPRESSIONS
from tests.helpers.samples import write_image


def write_classes(root):
    """A class folder of seven faces, one an expression and one more happy face."""
    for i, expression in enumerate((*EXPRESSIONS, "happy")):
        write_image(root / expression / f"{i}.png", 100 + i)
    return root
