"""Data sets dealt by hand, and runs that have learned them."""

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.dataset import Dataset
from fer_core.runs.run import Run
from tests.helpers.training import new_run as make_run


def deal(source, seed, name="tiny") -> Dataset:
    """The same faces, dealt to the splits by another draw."""
    return assemble(DatasetRecipe(name, sources=(("fer2013", str(source)),), split="80:10:10", seed=seed))


def new_run(**values) -> Run:
    return make_run(**{"epochs": 1, "batch_size": 28, **values})


def digests_of(dataset, split):
    return set(dataset.table.loc[dataset.table["split"] == split, "sha256"])


def n_new(dataset, *learned):
    """How many test faces none of the sets of digests has."""
    return len(digests_of(dataset, "test").difference(*learned))
