import json

import pytest
from filelock import FileLock

from fer_core.base.files import write_json
from fer_core.errors import InputError
from fer_core.runs import create
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.runs.find import delete_run, get_run, list_runs
from fer_core.runs.report import SplitReport
from fer_core.runs.run import split_metrics
from fer_core.runs.summary import summarise_runs
from tests.helpers.samples import make_dataset


@pytest.fixture
def run(tmp_path):
    make_dataset(tmp_path)
    return create_run(build_config({"dataset": "tiny", "name": "first", "device": "cpu"}), "test")


def test_the_state_is_told_from_the_folder_alone(run):
    assert run.state == "lost"
    write_json(run.path / "queued.json", {"time": 1})
    assert run.state == "queued"
    lock = FileLock(run.path / "alive.lock")
    with lock:
        assert run.state == "running"
    (run.path / "queued.json").unlink()
    assert run.state == "lost"
    write_json(run.path / "exit.json", {"state": "finished", "message": "", "seconds": 1})
    assert run.state == "finished"


def test_a_run_is_found_by_id_by_name_and_by_its_beginning(run):
    assert get_run(run.run_id) == get_run("first") == get_run(run.run_id[:12]) == run


def test_a_name_that_fits_two_runs_lists_them(run):
    other = create_run(run.config, "test")
    assert other.run_id != run.run_id
    with pytest.raises(InputError, match=r"matches several runs: .*Give the full run id"):
        get_run("first")


@pytest.mark.parametrize("name", ["nothing", "", "../x"])
def test_an_unknown_run_says_where_to_look(run, name):
    with pytest.raises(InputError, match="There is no run"):
        get_run(name)


def test_a_run_at_work_is_not_deleted(run):
    with FileLock(run.path / "alive.lock"), pytest.raises(InputError, match="is running"):
        delete_run(run)
    delete_run(run)
    assert list_runs() == []


def test_a_line_in_the_making_is_not_read(run):
    epoch = json.dumps({"kind": "epoch", "epoch": 1, "val_loss": 1.0, "val_accuracy": 0.5})
    (run.path / "metrics.jsonl").write_text(epoch + '\n{"kind": "progress", "st')
    epochs, progress = split_metrics(run.metrics())
    assert (len(epochs), progress) == (1, None)


def test_a_damaged_run_does_not_hide_the_others(run):
    (create_run(run.config, "test").path / "run.json").write_text("{")
    assert [row.run_id for row in summarise_runs()] == [run.run_id]


def test_without_git_the_commit_is_none(run, monkeypatch):
    def fail(*args, **options):
        raise FileNotFoundError

    monkeypatch.setattr(create.subprocess, "run", fail)
    other = create_run(run.config, "test")
    assert json.loads((other.path / "run.json").read_text())["git_commit"] is None


def test_an_earlier_report_of_a_run_that_began_with_another_gives_no_number_without_copies(run):
    scores = {"accuracy": 0.5, "n": 4, "accuracy_without_copies": 0.5, "n_without_copies": 4}
    write_json(run.path / "report.json", {"test": scores})
    assert run.report == {"test": SplitReport(**scores)}  # it was trained on its own data set alone
    for change in ({"init": "run:other"}, {"init": "file:w.pt"}, {"teacher": "other"}):
        write_json(run.path / "config.json", {**run.config.model_dump(), "init": "scratch", "teacher": "", **change})
        test = run.report["test"]
        assert (test.accuracy, test.accuracy_without_copies, test.n_without_copies) == (0.5, None, None)
        assert f"fer evaluate {run.run_id}" in test.learned_note
    write_json(run.path / "report.json", {"test": {**scores, "learned_note": None}})
    assert run.report["test"].n_without_copies == 4


def test_an_earlier_ensemble_gives_one_while_its_members_can_be_asked(run):
    scores = {"accuracy": 0.5, "n": 4, "accuracy_without_copies": 0.5, "n_without_copies": 4}
    made = create_run(run.config, "test")
    write_json(made.path / "run.json", {**made.info.to_document(), "members": [{"run_id": run.run_id}]})
    write_json(made.path / "report.json", {"test": scores})
    assert made.report["test"].n_without_copies == 4
    delete_run(run)
    assert made.report["test"].n_without_copies is None
