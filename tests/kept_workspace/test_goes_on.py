"""What an earlier version left is worked on: networks answer, runs are scored, averaged, exported and trained on."""

import threading
import time
from zipfile import ZipFile

import pytest

from tests.kept_workspace.asking import call, find_run, read


def test_a_kept_run_is_exported_with_the_files_of_the_kept_export(kept):
    result = call("runs", "export", "people", kept / "exported")
    assert result.exit_code == 0, result.exception
    with ZipFile(kept / "export" / "people.zip") as archive:
        names = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    written = {path.relative_to(kept / "exported").as_posix() for path in (kept / "exported").rglob("*.*")}
    assert set(names) <= written
    weights = "checkpoints/best.safetensors"
    assert (kept / "exported" / weights).read_bytes() == names[weights]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["people", "both", "plain +1", "bundled"])
def test_a_photograph_is_classified_by_a_kept_network(kept, name):
    document = read("predict", kept / "photo.jpg", "--run", name)
    assert all(len(face["probabilities"]) == 7 for face in document["photos"][0]["faces"])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["people", "both", "plain +1", "student", "drawn"])
def test_a_kept_run_scores_today_as_it_did(kept, name):
    scores = read("evaluate", name, "--split", "val")
    reported = read("runs", "show", name)["report"]["val"]
    assert scores["n"] == reported["n"]
    assert scores["nll"] == pytest.approx(reported["nll"], abs=1e-3)
    assert scores["confusion"] == reported["confusion"]


@pytest.mark.slow
def test_a_run_scores_the_present_version_of_its_data_set(kept):
    scores = read("evaluate", find_run("corrected"), "--split", "val", "--save")
    assert scores["dataset"] == "corrected"


@pytest.mark.slow
def test_kept_runs_are_averaged(kept):
    assert read("ensemble", "plain", "people", "--name", "anew")["report"]["test"]["n"] == 21


@pytest.mark.slow
def test_the_table_of_results_has_nothing_left_to_run(kept):
    result = call("results", "run", "--file", kept / "results.toml")
    assert result.exit_code == 0, result.output
    assert "begins" not in result.output


@pytest.mark.slow
def test_runs_that_were_stopped_lost_and_queued_go_on_to_their_end(at_work):
    for name in ("lost", "stopped"):
        result = call("resume", name)
        assert result.exit_code == 0, result.exception
    _wait_until_none_is(("queued", "running"))
    rows = {row["title"]: row for row in read("runs", "list")}
    for name, n_epochs in (("lost", 3), ("stopped", 3), ("queued", 2)):
        assert (rows[name]["state"], len(read("runs", "show", name)["epochs"])) == ("finished", n_epochs)
    (log,) = (at_work / "workspace" / "runs").glob("*-stopped/log.txt")
    assert "continuing after step" in log.read_text()


def _wait_until_none_is(states: tuple[str, ...], timeout_s: float = 240) -> None:
    ends, tick = time.monotonic() + timeout_s, threading.Event()
    while any(row["state"] in states for row in read("runs", "list")):
        assert time.monotonic() < ends, read("runs", "list")
        tick.wait(0.2)


@pytest.mark.slow
def test_a_training_begins_with_the_weights_of_the_kept_export(kept):
    with ZipFile(kept / "export" / "people.zip") as archive:
        archive.extractall(kept / "export")
    (weights,) = (kept / "export").glob("*/checkpoints/best.safetensors")
    settings = {"model": "compact_small", "input_px": 24, "batch_size": 8, "threads": 1, "device": "cpu"}
    options = [f"--set={field}={value}" for field, value in {**settings, "init": f"file:{weights}"}.items()]
    result = call("train", "--dataset", "faces", "--epochs", 1, "--name", "onwards", *options)
    assert result.exit_code == 0, result.output
    assert read("runs", "show", "onwards")["state"] == "finished"
