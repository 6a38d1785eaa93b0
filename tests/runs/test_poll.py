"""What Slurm's word makes of a run, with a squeue that says what each test has written."""

import pytest

from fer_core.base.files import write_json
from fer_core.runners import local
from fer_core.runs import poll
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from tests.helpers.fake_slurm import FakeSlurm
from tests.helpers.samples import make_dataset

UID = 1234


@pytest.fixture
def run(tmp_path):
    make_dataset(tmp_path)
    run = create_run(build_config({"dataset": "tiny", "device": "cpu"}), "test")
    write_json(run.path / "queued.json", {"time": 1})
    write_json(run.path / "slurm.json", {"options": {}, "job_id": "7_1", "uid": UID, "submitted": 100.0})
    return run


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    return FakeSlurm(tmp_path / "bin", monkeypatch)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        pytest.param("7_1 RUNNING\\n7_0 PENDING\\n", "running", id="running"),
        pytest.param("7_1 COMPLETING\\n", "running", id="completing"),
        pytest.param("7_1 PENDING\\n7_0 RUNNING\\n", "queued", id="pending"),
        pytest.param("7_1 REQUEUE_HOLD\\n", "queued", id="held"),
        pytest.param("7_0 RUNNING\\n", "lost", id="gone"),
        pytest.param("", "lost", id="no job at all"),
    ],
)
def test_slurms_word_makes_the_state_of_a_run_that_has_not_ended(run, slurm, text, state):
    slurm.answer("squeue", text)
    assert run.state == state
    write_json(run.path / "exit.json", {"state": "finished", "message": "", "seconds": 1})
    assert run.state == "finished"


def test_a_run_that_was_asked_to_stop_and_whose_job_is_gone_has_stopped(run, slurm):
    slurm.answer("squeue", "")
    write_json(run.path / "stop.json", {"time": 1})
    assert run.state == "stopped"


def test_without_an_answer_the_folder_alone_tells(run, slurm):
    slurm.answer("squeue", "7_1 RUNNING\\n", code=1)
    assert run.state == "queued"
    (run.path / "queued.json").unlink()
    assert run.state == "lost"


def test_one_answer_serves_all_runs_but_none_that_was_submitted_after_it(run, slurm):
    slurm.answer("squeue", "7_1 RUNNING\\n")
    assert [run.state for _ in range(3)] == ["running"] * 3
    assert len(slurm.asked("squeue")) == 1
    asked, _ = poll._answers[UID]
    write_json(run.path / "slurm.json", {"options": {}, "job_id": "8", "uid": UID, "submitted": asked + 0.001})
    assert run.state == "lost"
    assert len(slurm.asked("squeue")) == 2


def test_this_machines_queue_leaves_slurms_runs_alone(run, slurm):
    slurm.answer("squeue", "7_1 PENDING\\n")
    assert run.state == "queued"
    assert local.list_queue() == []


@pytest.mark.parametrize(
    "job",
    [
        {},
        {"options": 5},
        {"options": {}, "submitted": "x"},
        {"options": {}, "uid": -1},
        {"options": {}, "job_id": "; x"},
    ],
)
def test_a_damaged_slurm_document_is_told_before_slurm_is_asked(run, job):
    write_json(run.path / "slurm.json", {"job_id": "7_1", "uid": UID, "submitted": 100.0, **job})
    assert "slurm.json cannot be read" in str(run.problem)


@pytest.mark.parametrize("text", ['{"time": "yesterday"}', '{"time": 1e999}', '{"time": 1, "why": {"a": 1}}'])
@pytest.mark.parametrize("name", ["queued.json", "stop.json"])
def test_a_mark_of_other_types_is_damage(run, name, text):
    (run.path / name).write_text(text)
    assert f"{name} cannot be read" in str(run.problem)
