"""kagglehub is replaced by a module that lays a small data set down, or fails as it does."""

import errno
import sys
from pathlib import Path
from types import ModuleType

import pytest

from fer_core.base import extras
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.fetch import PLACES, fetch_source
from tests.helpers.samples import write_affectnet, write_ckplus, write_image


def write_fer2013_folders(folder):
    """The folder form, which is known by its names: drawn faces in a CSV would not be FER2013's."""
    for usage, name in (("train", "Training"), ("test", "PublicTest"), ("test", "PrivateTest")):
        for number, expression in enumerate(EXPRESSIONS):
            write_image(folder / usage / expression / f"{name}_{number}.jpg", number)


WRITERS = {
    "fer2013": write_fer2013_folders,
    "ckplus": write_ckplus,
    "affectnet-sample": lambda folder: write_affectnet(folder / "archive" / "images"),
}


@pytest.fixture
def kaggle(monkeypatch):
    """A kagglehub whose `give(folder)` a test sets, and that keeps what it was asked for."""
    module = ModuleType("kagglehub")
    module.asked = []

    def dataset_download(handle, output_dir):
        module.asked.append(handle)
        module.give(Path(output_dir))
        return output_dir

    module.dataset_download = dataset_download
    monkeypatch.setitem(sys.modules, "kagglehub", module)
    monkeypatch.setattr(extras, "find_spec", lambda package: package)
    return module


def failing(error):
    def give(folder):
        raise error

    return give


@pytest.mark.parametrize("name", PLACES)
def test_a_fetched_set_lies_in_the_workspace_and_its_reader_knows_it(kaggle, workspace, name):
    kaggle.give = WRITERS[name]
    path = fetch_source(name)
    assert kaggle.asked == [PLACES[name].handle]
    assert path.is_relative_to(workspace / "downloads" / name)
    assert path.name == {"affectnet-sample": "images", "ckplus": "CK+48"}.get(name, name)


def test_it_goes_where_it_is_told(kaggle, tmp_path):
    kaggle.give = WRITERS["fer2013"]
    assert fetch_source("fer2013", tmp_path / "here") == tmp_path / "here"


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Exception("User is not authenticated"), id="no account"),
        pytest.param(OSError("no route to\nhost"), id="no network"),
        pytest.param(ValueError("kaggle.json is not valid JSON"), id="a damaged kaggle.json"),
        pytest.param(TimeoutError(), id="no word"),
    ],
)
def test_what_kaggle_refuses_is_one_sentence_with_the_way_by_hand(kaggle, tmp_path, error):
    kaggle.give = failing(error)
    with pytest.raises(InputError) as told:
        fetch_source("ckplus", tmp_path / "ck")
    message = str(told.value)
    assert f"({' '.join(str(error).split()) or 'TimeoutError'})" in message
    assert "KAGGLE_API_TOKEN" in message
    assert f"from https://www.kaggle.com/datasets/shawon10/ckplus, unpack it into {tmp_path / 'ck'}" in message


def test_without_kagglehub_it_says_how_to_install_it_and_how_to_do_without(monkeypatch, tmp_path):
    monkeypatch.setattr(extras, "find_spec", lambda package: None)
    with pytest.raises(InputError, match=r"pip install -e '.\[fetch\]'.*Or download it by hand from"):
        fetch_source("fer2013", tmp_path)


def test_a_full_disk_is_not_taken_for_a_missing_network(kaggle, tmp_path):
    kaggle.give = failing(OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(InputError, match="is full"):
        fetch_source("fer2013", tmp_path)


def test_another_layout_than_expected_is_told(kaggle, tmp_path):
    kaggle.give = lambda folder: folder.mkdir()
    with pytest.raises(InputError, match="does not have the layout of ckplus"):
        fetch_source("ckplus", tmp_path / "x")


def test_a_folder_that_holds_the_set_already_is_taken_as_it_is_and_any_other_is_left_alone(kaggle, tmp_path):
    assert fetch_source("ckplus", write_ckplus(tmp_path)) == tmp_path / "CK+48"
    with pytest.raises(InputError, match=r"does not have the layout of fer2013\. Give a new or an empty folder"):
        fetch_source("fer2013", tmp_path)
    assert kaggle.asked == []


def test_an_unknown_set_names_the_known_ones():
    with pytest.raises(InputError, match="choose one of fer2013, ckplus, affectnet-sample"):
        fetch_source("rafdb")
