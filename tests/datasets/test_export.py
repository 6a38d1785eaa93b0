import numpy as np
import pytest
from torchvision.datasets import ImageFolder

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.export import export_dataset
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from tests.helpers.samples import make_dataset


def test_the_tree_loads_in_torchvision_and_reads_back_to_the_pixel(tmp_path):
    dataset = make_dataset(tmp_path)
    assert export_dataset("tiny", tmp_path / "out") == 42
    folder = ImageFolder(tmp_path / "out" / "train")
    assert sorted(folder.classes) == sorted(EXPRESSIONS)
    assert len(folder) == dataset.info.splits["train"]
    again = assemble(DatasetRecipe("again", sources=(("folder", str(tmp_path / "out")),)))
    assert again.info.splits == dataset.info.splits
    first, second = (t.table.sort_values("sha256") for t in (dataset, again))
    assert (first["expression"].to_numpy() == second["expression"].to_numpy()).all()
    assert np.array_equal(dataset.faces[first.index], again.faces[second.index])


def test_a_folder_that_holds_something_is_not_written_into(tmp_path):
    make_dataset(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="not an empty folder"):
        export_dataset("tiny", tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.txt"]
