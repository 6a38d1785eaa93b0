"""A job's folder: what it says, and how it is asked to stop."""

import json
import os
import time
from threading import Timer

import pytest
from filelock import FileLock

from fer_core.base.files import write_json
from fer_core.errors import InputError
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.state import State
from tests.helpers.forks import FORK, in_child

LOST = "Stopped unexpectedly (power loss, or the process was killed)."


def test_the_state_follows_from_the_folder(job):
    assert (job.state, job.message) == ("lost", LOST)
    assert job.read_status().ended == "stopped unexpectedly (power loss, or the process was killed)."
    write_json(job.path / "launched.json", {"time": time.time()})  # of version 0.1
    assert (job.state, job.message) == ("running", "")
    write_json(job.path / "launched.json", {"time": 0})
    assert job.state == "lost"
    write_json(job.path / "stop.json", {"time": 0})
    assert job.state == "stopped"
    job.queue()
    assert job.state == "queued"
    for lock in ("alive.lock", "job.lock"):
        with FileLock(job.path / lock):
            assert job.state == "running"
            write_json(job.path / "waiting.json", {"time": 0})
            assert job.state == "queued"
            (job.path / "waiting.json").unlink()
    job.end(State.FAILED, "why")
    assert (job.state, job.message) == ("failed", "why")


@pytest.mark.parametrize(
    ("elsewhere", "state"),
    [(State.RUNNING, "running"), (State.QUEUED, "queued"), (State.LOST, "lost"), (None, "queued")],
)
def test_the_queue_of_another_machine_goes_before_the_mark_of_this_one(job, elsewhere, state):
    job.queue()
    assert JobFolder(job.path, lambda: elsewhere).state == state


def test_which_states_are_active_and_which_can_be_resumed():
    assert [state for state in State if state.is_active] == ["queued", "running"]
    assert [state for state in State if state.is_resumable] == ["lost", "stopped", "failed"]
    assert all(state.text.endswith(".") for state in State)


def test_the_word_of_version_0_1_is_read_as_finished(job):
    (job.path / "exit.json").write_text('{"state": "done", "message": ""}')
    assert job.state is State.FINISHED
    assert job.ending.seconds is None


@pytest.mark.parametrize("document", [{"state": "running"}, {"state": "odd"}, {}, [], None, "text", 3])
def test_an_ending_that_says_nothing_names_its_file(job, document):
    (job.path / "exit.json").write_text(json.dumps(document))
    said = "does not say how the work ended" if isinstance(document, dict) else "cannot be read"
    with pytest.raises(InputError, match=rf"exit\.json {said}"):
        assert job.state


def test_work_says_how_it_ended(job):
    with job.working() as outcome:
        assert job.state == "running"
        outcome.message = "all of it"
    assert (job.state, job.message, job.is_held) == ("finished", "all of it", False)
    with job.working():
        raise InputError("Give another folder.")
    assert (job.state, job.message) == ("failed", "Give another folder.")
    with job.working():
        raise RuntimeError("odd")
    assert job.message == f"RuntimeError: odd. The log is {job.path / 'log.txt'}."
    with pytest.raises(KeyboardInterrupt), job.working():
        raise KeyboardInterrupt
    assert (job.state, job.message) == ("failed", "Ended by KeyboardInterrupt.")


def test_it_is_queued_while_it_waits_for_its_device(job):
    job.queue()
    with job.working():
        with job.waiting():
            assert job.state == "queued"
        assert job.state == "running"
    assert job.state == "finished"


@pytest.mark.parametrize("name", ["exit.json", "progress.json"])
@pytest.mark.parametrize("text", ["", "[1]", "3", "{}", '"text"'])
def test_a_job_with_a_damaged_file_has_failed_and_names_it(job, name, text):
    (job.path / name).write_text(text)
    status = job.read_status()
    assert (status.state, status.step) == ("failed", "starting")
    assert name in status.message


@pytest.mark.parametrize(
    "text",
    [
        "", "[1]", "3", "{}", '"text"', '{"time": 1e999}', '{"time": "1"}', '{"time": 4e9}',
        '{"time": 1, "pid": -1, "created": 0}', '{"time": 1, "pid": 0, "created": 0}',
        '{"time": 1, "pid": "1", "created": 0}', '{"time": 1, "pid": true, "created": 0}',
        '{"time": 1, "pid": 1e3, "created": 0}', '{"time": 1, "pid": NaN, "created": 0}',
        '{"time": 1, "pid": 1, "created": NaN}', '{"time": 1, "pid": 1, "created": "x"}',
        f'{{"time": 1, "pid": 1{"0" * 30}, "created": 0}}', f'{{"time": 1{"0" * 400}}}',
    ],
)  # fmt: skip
def test_a_launch_that_names_no_process_leaves_a_job_that_can_be_started_again(job, no_process, text):
    (job.path / "launched.json").write_text(text)
    assert job.state == "lost"
    job.start("some.module", {})
    assert len(no_process) == 1


@pytest.mark.parametrize("pid", ["-1", "0", '"1"', "1e3", "NaN", "[1]", "1" + "0" * 30])
def test_a_recorded_process_with_an_impossible_id_is_none(job, pid):
    (job.path / "process.json").write_text(f'{{"pid": {pid}, "created": 0, "launcher": {{"pid": {pid}}}}}')
    job.interrupt()
    job.kill("killed")
    job.wait(timeout_s=0)
    assert job.state == "lost"


@pytest.mark.parametrize("text", ['{"step": 1}', '{"step": "a", "done": "1x", "total": 2, "step_began": 0}'])
def test_progress_of_other_types_is_damage(job, text):
    (job.path / "progress.json").write_text(text)
    assert job.read_status().state == "failed"


def test_a_pipe_in_the_place_of_a_lock_is_held_by_no_process(job):
    os.mkfifo(job.path / "job.lock")
    (job.path / "alive.lock").symlink_to("alive.lock")
    assert not job.is_held


# killed


def hold_until(path, begun, event):
    with JobFolder(path).working():
        begun.set()
        event.wait()


def test_a_wait_ends_with_the_process_at_work_and_at_once_where_there_is_none(job):
    job.wait(timeout_s=60)  # nobody is at work
    begun, event = FORK.Event(), FORK.Event()
    child = in_child(hold_until, job.path, begun, event)
    assert begun.wait(30)
    job.wait(timeout_s=0.05)
    assert job.is_held
    Timer(0.2, event.set).start()
    job.wait(timeout_s=60)
    assert not job.is_held
    child.join()
