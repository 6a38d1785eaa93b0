"""Jobs' folders, with processes that are killed, stopped and started at every step. Nothing sleeps."""

import errno
import multiprocessing
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock

from fer_core.errors import InputError
from fer_core.jobs import folder as folder_module
from fer_core.jobs.folder import JobFolder, NothingToDo, run_job
from fer_core.jobs.outcome import Stopped
from fer_core.jobs.processes import is_locked
from fer_core.jobs.state import State
from fer_core.jobs.watched import AtWork
from tests.helpers.forks import FORK, die, in_child

STEPS = ["_begin", "record_process", "is_asked_to_stop", "work", "end", "unlink"]


def worker_killed(path, step):
    if step == "work":
        with JobFolder(path).working():
            die()
    patched = JobFolder if step in ("_begin", "end") else folder_module
    if step == "is_asked_to_stop":
        JobFolder.is_asked_to_stop = property(die)
    elif step == "unlink":  # exit.json is written
        written = folder_module.write_json
        folder_module.write_json = lambda path, document: (written(path, document), die())
    else:
        setattr(patched, step, die)
    with JobFolder(path).working():
        pass


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_is_lost_or_ended_and_can_be_started_again(job, step, no_process):
    child = in_child(worker_killed, job.path, step)
    child.join(30)
    assert child.exitcode == -signal.SIGKILL
    assert job.state == ("finished" if step == "unlink" else "lost")
    assert not job.is_held
    job.start("module", {"n": 1})
    assert (len(no_process), job.state) == (1, "running")
    run_job(job.path, lambda document, progress: progress("counting", document["n"], 1))
    assert (job.state, job.read_status().step) == ("finished", "counting")


def starter_killed(path, step):
    setattr(folder_module, step, die)
    JobFolder(path).start("module", {"n": 1})


@pytest.mark.parametrize("step", ["write_json", "leave_detached", "record_child"])
def test_a_start_killed_at_any_step_can_be_made_again(job, step, no_process):
    job.end(State.STOPPED, "before")
    child = in_child(starter_killed, job.path, step)
    child.join(30)
    assert child.exitcode == -signal.SIGKILL
    assert job.state.is_resumable
    job.start("module", {"n": 1})
    assert job.state == "running"


# stopped


def test_stopped_before_its_process_exists_it_has_stopped_and_the_process_leaves(job, no_process):
    job.start("module", {})
    assert job.stop("no need")
    assert (job.state, job.message) == ("stopped", "no need")
    with pytest.raises(NothingToDo, match="was stopped before it began"), job.working():
        pytest.fail("it works all the same")
    assert job.message == "no need"
    job.start("module", {})
    with job.working():
        assert not job.is_asked_to_stop


@pytest.mark.parametrize("moment", ["before process.json", "after process.json"])
def test_stopped_while_its_process_begins_it_stops(job, monkeypatch, moment):
    record = folder_module.record_process

    def record_and_stop(path, launched):
        if moment == "after process.json":
            record(path, launched)
        assert JobFolder(path.parent).stop() is False  # someone holds the lock
        record(path, launched)

    monkeypatch.setattr(folder_module, "record_process", record_and_stop)
    with suppress(NothingToDo), job.working():
        pytest.fail("it works all the same")
    assert job.state == "stopped"


def test_a_stop_interrupts_the_work_and_one_that_comes_too_late_changes_nothing(job, monkeypatch):
    with job.working() as outcome:
        outcome.if_stopped = "Nothing was changed."
        job.stop()
        pytest.fail("it was not interrupted")
    assert (job.state, job.message) == ("stopped", "Nothing was changed.")
    job.forget_end()
    end = JobFolder.end

    def stop_and_end(self, *arguments):
        self.stop()
        end(self, *arguments)

    monkeypatch.setattr(JobFolder, "end", stop_and_end)
    with job.working():
        pass
    assert job.state == "finished"


def test_what_listens_itself_is_not_interrupted(job):
    earlier = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        with job.working(listens=True):
            job.stop()
            assert job.is_asked_to_stop
            raise Stopped
    finally:
        signal.signal(signal.SIGTERM, earlier)
    assert job.state == "stopped"


def test_a_stop_that_reaches_nobody_leaves_no_trace(job):
    job.queue()

    def refuse():
        raise InputError("Slurm does not answer.")

    with pytest.raises(InputError, match="does not answer"):
        job.stop(send=refuse)
    assert (job.state, job.is_asked_to_stop) == ("queued", False)


def test_what_is_not_active_cannot_be_stopped_and_what_is_not_deleted(job):
    with pytest.raises(InputError, match="is lost, so it cannot be stopped"):
        job.stop()
    job.queue()
    with pytest.raises(InputError, match=r"is queued\. Stop it first"):
        job.forget()
    job.stop()
    assert not (job.path / "queued.json").exists()
    job.forget()
    assert not job.path.exists()


# two at once


def start_at(barrier, path, launches):
    folder_module.leave_detached = lambda command, log: launches.put("launched")
    barrier.wait()
    try:
        JobFolder(path).start("module", {})
    except AtWork:
        launches.put("refused")


def test_of_two_starts_at_once_one_is_refused(job):
    for _ in range(5):
        barrier, said = FORK.Barrier(2), FORK.Queue()
        children = [in_child(start_at, barrier, job.path, said) for _ in range(2)]
        assert sorted(said.get(timeout=30) for _ in children) == ["launched", "refused"]
        for child in children:
            child.join(30)
        job.end(State.STOPPED, "")


def work_at(barrier, path, done):
    barrier.wait()
    try:
        with JobFolder(path).working(wait_s=30):
            done.put("worked")
    except (AtWork, NothingToDo):
        done.put("left")


def test_of_two_processes_at_once_one_does_the_work(job):
    barrier, said = FORK.Barrier(2), FORK.Queue()
    children = [in_child(work_at, barrier, job.path, said) for _ in range(2)]
    assert sorted(said.get(timeout=30) for _ in children) == ["left", "worked"]
    for child in children:
        child.join(30)
    assert job.state == "finished"


def test_a_process_leaves_the_work_to_the_one_that_was_started_after_it(job, monkeypatch):
    ready = FORK.Event()
    later = in_child(ready.wait)
    monkeypatch.setattr(folder_module, "leave_detached", lambda command, log: Path(log) and ChildOf(later))
    job.start("module", {})
    assert job.state == "running"  # as long as that process lives
    with pytest.raises(AtWork):
        job.start("module", {})
    with pytest.raises(NothingToDo, match="was started later"), job.working():
        pytest.fail("it works all the same")
    ready.set()
    later.join(30)
    assert job.state == "lost"


class ChildOf:
    def __init__(self, process):
        self.pid = process.pid


def test_a_process_of_version_0_1_at_work_is_left_alone(job):
    with FileLock(job.path / "job.lock"):
        with pytest.raises(AtWork, match="Another process is working"):
            job.start("module", {})
        with pytest.raises(AtWork), job.working():
            pytest.fail("it works all the same")


def test_looking_at_a_lock_does_not_hold_it(job):
    path = job.path / "alive.lock"
    assert not is_locked(path)
    path.touch()
    import fcntl

    with path.open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)  # someone else looks just now
        assert not is_locked(path)
    with FileLock(path):
        assert is_locked(path)
    assert not is_locked(path)


# a full disk


@pytest.fixture
def full_disk(monkeypatch):
    """Only what is overwritten finds room, unless the spare block has been given back."""
    write_text = Path.write_text

    def write(self, *arguments, **options):
        if (self.parent / ".spare").exists() or full_disk.is_quite_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_text(self, *arguments, **options)

    def fill(quite):
        full_disk.is_quite_full = quite
        monkeypatch.setattr(Path, "write_text", write)

    yield fill
    monkeypatch.undo()


def test_where_the_disk_is_full_the_spare_block_takes_exit_json(job, full_disk):
    with job.working() as outcome:
        full_disk(quite=False)
        outcome.message = "all of it"
    assert (job.state, job.message) == ("finished", "all of it")
    assert sorted(path.name for path in job.path.iterdir()) == ["alive.lock", "exit.json", "process.json"]


def test_where_even_that_fails_it_is_lost_and_can_be_started_again(job, full_disk, monkeypatch, no_process):
    with pytest.raises(InputError, match="is full"), job.working():
        full_disk(quite=True)
    assert (job.state, job.is_held) == ("lost", False)
    with pytest.raises(InputError, match="is full"):
        job.start("module", {})
    assert no_process == []
    monkeypatch.undo()
    with job.working():
        pass
    assert job.state == "finished"


# with processes of their own


@pytest.mark.slow
def test_a_job_in_the_background_is_stopped_and_started_again(job):
    def until(state):
        ends, tick = time.monotonic() + 120, multiprocessing.Event()
        while job.state != state:
            assert time.monotonic() < ends, (job.path / "log.txt").read_text()
            tick.wait(0.02)

    job.start("tests.helpers.waiting_job", {"wait": True})
    while not (job.path / "progress.json").exists():
        multiprocessing.Event().wait(0.02)
    job.stop()
    until("stopped")
    assert job.message == "Nothing was changed."
    job.start("tests.helpers.waiting_job", {"wait": False})
    until("finished")
    job.forget()
