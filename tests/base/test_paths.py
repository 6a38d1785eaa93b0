"""A path that a person gives means the same wherever the work is done: it is absolute from the first moment."""

import pytest

from fer_core.base.files import read_json
from fer_core.base.workspace import absolute_path
from fer_core.datasets.assembling.recipe import parse_source
from fer_core.errors import InputError
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.studies.search.ranges import parse_range
from fer_core.studies.search.start import start_search
from tests.helpers.samples import make_dataset


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder in which a person calls `fer`."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("text", ["w.pt", "./w.pt", "a/../w.pt"])
def test_a_relative_path_starts_from_the_callers_folder(here, text):
    assert absolute_path(text) == here / "w.pt"


def test_the_dashboard_keeps_the_folder_in_which_it_was_started(here, tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CWD", str(here))
    monkeypatch.chdir(tmp_path)
    assert absolute_path("w.pt") == here / "w.pt"


def test_tilde_is_the_persons_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert absolute_path("~/w.pt") == tmp_path / "w.pt"


@pytest.mark.parametrize("text", ["file:///a%20b/w.pt", "file://localhost/a b/w.pt"])
def test_a_file_address_means_its_path(text):
    assert str(absolute_path(text)) == "/a b/w.pt"


def test_weights_are_named_absolutely_in_the_config(here):
    assert build_config({"dataset": "any", "init": "file:w.pt"}).init == f"file:{here}/w.pt"
    assert build_config({"dataset": "any", "init": "file:///w.pt"}).init == "file:/w.pt"


@pytest.mark.parametrize("init", ["file:", "run:", "files:w.pt", "file://data/w.pt"])
def test_an_init_that_names_nothing_is_refused(init):
    with pytest.raises(InputError, match="init: "):
        build_config({"dataset": "any", "init": init})


def test_the_runs_config_json_has_the_absolute_path(here, tmp_path):
    make_dataset(tmp_path)
    (here / "w.pt").write_bytes(b"weights")
    run = create_run(build_config({"dataset": "tiny", "init": "file:w.pt"}), "test")
    assert read_json(run.path / "config.json")["init"] == f"file:{here}/w.pt"


def test_a_searchs_base_and_choices_have_the_absolute_path(here, tmp_path, monkeypatch):
    pytest.importorskip("optuna")
    make_dataset(tmp_path)
    monkeypatch.setattr("fer_core.studies.search.start.launch", lambda search: None)
    (here / "w.pt").write_bytes(b"weights")
    ranges = ["learning_rate=0.01..0.1"]
    search = start_search("s", {"dataset": "tiny", "init": "file:w.pt"}, ranges, 1, 0, "test")
    assert search.info["base"] == {"dataset": "tiny", "init": f"file:{here}/w.pt"}
    assert parse_range("init=file:../a.pt|file:b.pt").choices == (f"file:{here.parent}/a.pt", f"file:{here}/b.pt")


def test_a_path_with_an_equals_sign_is_a_path(here):
    (here / "a=b").mkdir()
    assert parse_source("a=b") == ("auto", f"{here}/a=b")
    assert parse_source(f"{here}/a=b/fer.csv") == ("auto", f"{here}/a=b/fer.csv")
    assert parse_source(f"fer2013={here}/a=b/fer.csv") == ("fer2013", f"{here}/a=b/fer.csv")
    assert parse_source("auto=a=b") == ("auto", f"{here}/a=b")


def test_an_unknown_reader_is_named_where_no_such_path_exists(here):
    with pytest.raises(
        InputError, match=r"'fer2014' is neither a reader nor an existing path.*fer2013, ferplus, ckplus"
    ):
        parse_source("fer2014=faces.csv")
