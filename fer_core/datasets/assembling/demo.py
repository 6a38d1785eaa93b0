"""The demo data set: drawn faces, so that every page has something to show in a new workspace."""

from fer_core.base.progress import Progress, no_progress
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.dataset import Dataset
from fer_core.sources.demo.reader import N_FACES, SIZE_PX, name_demo


def demo_recipe(name: str = "demo", n: int = N_FACES, seed: int = 0) -> DatasetRecipe:
    """The recipe of a data set of drawn faces, split 80:10:10 by invented persons.

    Args:
        name: of the data set.
        n: number of faces.
        seed: of the drawn faces and of the split.
    """
    sources = (("demo", name_demo(n, seed)),)
    return DatasetRecipe(
        name, sources=sources, split="80:10:10", size=SIZE_PX, seed=seed, near=False
    )  # drawn ones are alike


def make_demo(name: str = "demo", n: int = N_FACES, seed: int = 0, progress: Progress = no_progress) -> Dataset:
    """Assembles the data set of `demo_recipe`.

    Args:
        name: of the data set.
        n: number of faces.
        seed: of the drawn faces and of the split.
        progress: called with the current step, items done and items in total.

    Raises:
        InputError: as `assemble`; also if n is too small for every person to show every expression.

    Example:
        >>> data = fer.make_demo("drawn", n=420)
        >>> data.faces.shape
        (420, 64, 64)
    """
    return assemble(demo_recipe(name, n, seed), progress)
