from pathlib import Path

import pytest

from fer_core.datasets.assembling import assemble as assembling
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.dataset import dataset_names
from fer_core.errors import InputError
from fer_core.sources.stamp import refuse_changed, stamp_source
from tests.helpers.samples import write_affectnet, write_fer2013, write_image


def add_picture(root):
    write_image(root / "happy" / "new.jpg")


def change_list(root):
    with (root / "labels.csv").open("a") as file:
        file.write("happy/new.jpg,happy\n")


def remove_list(root):
    (root / "labels.csv").unlink()


@pytest.mark.parametrize(
    ("change", "named"), [(add_picture, "happy"), (change_list, "labels.csv"), (remove_list, "labels.csv")]
)
def test_a_source_that_changes_while_it_is_read_is_refused_and_nothing_is_made(tmp_path, monkeypatch, change, named):
    root = write_affectnet(tmp_path / "source")
    read = assembling.read_source

    def read_and_change(name, path, classes, progress):
        reading = read(name, path, classes, progress)
        change(root)
        return reading

    monkeypatch.setattr(assembling, "read_source", read_and_change)
    with pytest.raises(InputError, match=f"{named} changed while it was read"):
        assemble(DatasetRecipe("x", sources=(("affectnet", str(root)),), split="80:10:10", skip_bad=True))
    assert dataset_names() == []


def test_a_file_that_is_still_being_written_is_refused(tmp_path):
    path = write_fer2013(tmp_path)
    before = stamp_source(path)
    refuse_changed(path, before)
    with path.open("a") as file:
        file.write("0,1 2 3,Training\n")
    with pytest.raises(InputError, match=r"fer2013.csv changed while it was read"):
        refuse_changed(path, before)


def test_a_source_that_is_gone_has_changed(tmp_path):
    path = write_fer2013(tmp_path)
    before = stamp_source(path)
    path.unlink()
    with pytest.raises(InputError, match="changed while it was read"):
        refuse_changed(Path(path), before)


def test_a_file_that_a_file_manager_leaves_meanwhile_is_no_change(tmp_path):
    write_image(tmp_path / "KA.AN1.39.tiff")
    before = stamp_source(tmp_path)
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    refuse_changed(tmp_path, before)
    write_image(tmp_path / "KA.AN2.40.tiff")
    with pytest.raises(InputError, match="changed while it was read"):
        refuse_changed(tmp_path, before)
