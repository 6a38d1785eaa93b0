"""The row quick-check with real processes: from end to end, and killed or stopped in the middle. No test sleeps."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fer_core.jobs.processes import child_environment, find_process
from fer_core.runs.find import list_runs
from fer_core.runs.run import Run, split_metrics
from tests.helpers.project import ROOT
from tests.helpers.waiting import wait

pytestmark = pytest.mark.slow

TABLE = ROOT / "docs" / "results.toml"


def start(folder: Path, *arguments: str) -> subprocess.Popen:
    """`fer results ...` on a copy of the project's table in `folder`, in a process group of its own."""
    folder.mkdir(exist_ok=True)
    shutil.copy(TABLE, folder)
    command = [sys.executable, "-m", "fer_core", "results", *arguments, "--file", str(folder / TABLE.name)]
    return subprocess.Popen(
        command,
        env={**child_environment(), "FER_HOME": str(folder / "workspace"), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def call(folder: Path, *arguments: str) -> str:
    process = start(folder, *arguments)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, out
    return out


def read_row(folder: Path) -> dict:
    return json.loads((folder / "results" / "quick-check.json").read_text())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder in which the row was run without a break."""
    folder = tmp_path_factory.mktemp("whole")
    call(folder, "run", "--only", "quick-check")
    return folder


def test_the_row_is_run_from_end_to_end_and_the_table_written_the_same_twice(whole):
    record = read_row(whole)
    (result,) = record["results"]
    assert (record["state"], result["n_epochs"], set(result["scores"])) == ("done", 2, {"val", "test"})
    call(whole, "table")
    paths = [whole / "results.md", whole / "results" / "quick-check.svg"]
    before = [path.read_bytes() for path in paths]
    call(whole, "table")
    assert [path.read_bytes() for path in paths] == before
    accuracy = result["scores"]["test"]["accuracy"]
    assert f"| {100 * accuracy:.1f}" in (whole / "results.md").read_text()
    assert "Two epochs on drawn faces" in (whole / "results.md").read_text()


@pytest.mark.parametrize("what", ["all", "the command alone", "asked to stop"])
def test_killed_or_stopped_in_the_middle_it_goes_on_and_ends_with_the_same_result(whole, tmp_path, monkeypatch, what):
    monkeypatch.setenv("FER_HOME", str(tmp_path / "workspace"))
    shutil.copytree(whole / "workspace" / "datasets", tmp_path / "workspace" / "datasets")
    command = start(tmp_path, "run", "--only", "quick-check")
    run = wait_for_run(command)
    wait(lambda: bool(split_metrics(run.metrics())[0]) and run.last_checkpoint.is_file(), run)
    if what == "asked to stop":
        os.killpg(command.pid, signal.SIGINT)  # as Ctrl-C does
    else:
        os.killpg(command.pid, signal.SIGKILL)
        if what == "all":
            os.killpg(find_process(run.path / "process.json").pid, signal.SIGKILL)
    out, _ = command.communicate(timeout=60)
    if what == "asked to stop":
        record = read_row(tmp_path)
        assert (command.returncode, record["state"], record["why"]) == (1, "unfinished", "stopped by a person"), out
        assert run.state == "stopped"
    call(tmp_path, "run", "--only", "quick-check")
    assert list_runs() == [run]
    assert run.state == "finished"
    assert ("continuing after step" in run.log_tail(10**6)) == (what != "the command alone")
    expected, found = (read_row(folder)["results"][0] for folder in (whole, tmp_path))
    for part in ("scores", "curves", "best_epoch"):
        assert found[part] == expected[part]


def wait_for_run(command: subprocess.Popen) -> Run:
    """The command's run, once its folder is whole."""

    class Anything:  # what `wait` tells of before there is a run
        state = exit = None

        def log_tail(self) -> str:
            return f"the command has ended with {command.poll()}"

    wait(lambda: bool(list_runs()), Anything())
    return list_runs()[0]
