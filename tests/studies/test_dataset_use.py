import json

import pytest
from filelock import FileLock

from fer_core.base.workspace import datasets_dir
from fer_core.datasets.dataset import dataset_names
from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.studies import dataset_use
from fer_core.studies.dataset_use import delete_unused, find_use
from tests.helpers.command import call
from tests.helpers.samples import make_dataset


@pytest.fixture
def dataset(tmp_path):
    return make_dataset(tmp_path)


def make_run(name: str, state: str | None = None):
    """A run on the data set `tiny` that has ended in that state; None: one that is queued."""
    run = create_run(build_config({"dataset": "tiny", "name": name, "device": "cpu"}), "test")
    if state is None:
        (run.path / "queued.json").write_text(json.dumps({"time": 0}))
    else:
        (run.path / "exit.json").write_text(json.dumps({"state": state, "message": ""}))
    return run


def test_an_unused_data_set_is_deleted_and_another_of_its_name_can_be_made(dataset, tmp_path):
    assert find_use("tiny").describe() == "No run was trained on it."
    delete_unused("tiny")
    assert dataset_names() == []
    assert [path.name for path in datasets_dir().iterdir() if path.is_dir()] == []
    make_dataset(tmp_path)
    assert dataset_names() == ["tiny"]


def test_what_deleting_leaves_the_runs_trained_on_it_is_said(dataset):
    done, halted = make_run("one", "finished"), make_run("two", "stopped")
    told = find_use("tiny").describe()
    assert told.startswith("2 runs trained on it keep their weights, scores and predictions, but cannot show the")
    assert told.endswith(f"without it: {halted.run_id}, {done.run_id}. After that, 1 of these cannot be resumed.")
    delete_unused("tiny")
    assert done.path.is_dir()


def test_a_data_set_stays_while_a_run_on_it_is_queued(dataset):
    run = make_run("one")
    with pytest.raises(
        InputError, match=rf"'tiny' is in use and cannot be deleted\. The run {run.run_id} is queued on it: stop"
    ):
        delete_unused("tiny")
    assert dataset_names() == ["tiny"]


def test_a_data_set_stays_while_it_is_being_assembled_by_whatever_process(dataset):
    with FileLock(datasets_dir() / ".tiny.lock"), pytest.raises(InputError, match=r"already being assembled\. Wait"):
        delete_unused("tiny")
    job = datasets_dir() / ".tiny.job"
    job.mkdir()
    with FileLock(job / "job.lock"), pytest.raises(InputError, match=r"It is being assembled: stop that on the Data"):
        delete_unused("tiny")
    assert dataset_names() == ["tiny"]


def test_a_data_set_stays_while_its_source_leak_is_measured_or_a_search_runs_on_it(dataset, monkeypatch):
    leak = dataset.path / ".leak"
    leak.mkdir()
    with FileLock(leak / "job.lock"), pytest.raises(InputError, match=r"Its source leakage is being measured: stop"):
        delete_unused("tiny")

    class Looking:
        name, state, info = "lr", State.RUNNING, {"base": {"dataset": "tiny"}}

    monkeypatch.setattr(dataset_use, "list_searches", lambda: [Looking])
    with pytest.raises(InputError, match=r"The search lr is running on it: stop it with fer search stop lr"):
        delete_unused("tiny")


def test_a_damaged_data_set_can_be_deleted(dataset):
    (dataset.path / "dataset.json").write_text("{")
    delete_unused("tiny")
    assert dataset_names() == []


def test_the_command_asks_says_what_is_lost_and_refuses_with_the_next_step(dataset, capsys):
    run = make_run("one", "finished")
    assert call(capsys, "data", "delete", "none")[0] == 2
    code, out, _ = call(capsys, "data", "delete", "tiny")  # nobody answers
    assert (code, "1 run trained on it keeps its weights" in out, dataset_names()) == (1, True, ["tiny"])
    (run.path / "exit.json").unlink()
    (run.path / "queued.json").write_text('{"time": 1}')
    assert f"fer stop {run.run_id}" in call(capsys, "data", "delete", "tiny", "--yes")[2]
    (run.path / "queued.json").unlink()
    (run.path / "exit.json").write_text('{"state": "finished", "message": ""}')
    assert call(capsys, "data", "delete", "tiny", "--yes")[1].endswith("tiny is deleted.\n")
    assert dataset_names() == []
