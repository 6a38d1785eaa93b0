"""A workspace that an earlier version left is opened: by every page, every link and every command that reads.

The pages and the command line are asked, not the engine behind them, which may have moved.
"""

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import streamlit as st
from filelock import FileLock
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner, Result

from fer_core.cli import app as fer

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KEPT = HERE / "workspace-0.1.zip"
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
LINKS = json.loads(ZipFile(KEPT).read("links.json"))
EXPECTED = {  # page -> what an error on it may say: the kept workspace holds what went wrong
    "data": ("failed failed: There is nothing at /data/faces/sources/none.csv", "stopped stopped: Nothing was changed",
             "killed failed: it ended without a word"),
    "train": ("failed failed: /data/faces/workspace/misfit.pt cannot be read as weights",),
    "errors": ("There is no data set 'gone'", "-bare has finished, and its weights file is not here"),
}  # fmt: skip
N_RUNS = 23


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kept files, to be copied."""
    folder = tmp_path_factory.mktemp("kept")
    with ZipFile(KEPT) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def at_work(unpacked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the kept files, its workspace this test's."""
    folder = tmp_path / "kept"
    shutil.copytree(unpacked, folder, copy_function=_copy)
    monkeypatch.setenv("FER_HOME", str(folder / "workspace"))
    st.cache_data.clear()
    st.cache_resource.clear()
    return folder


@pytest.fixture
def kept(at_work: Path) -> Iterator[Path]:
    """The same, where nothing begins to train: the queue has a keeper that never looks at it."""
    with FileLock(at_work / "workspace" / "runs" / ".supervisor-cpu.lock"):
        yield at_work


def _copy(source: str, target: str) -> None:
    """Large files are replaced and never written into: one copy does for all tests."""
    if source.endswith((".safetensors", ".pt", ".npy")):
        os.link(source, target)
    else:
        shutil.copyfile(source, target)


def call(*arguments: object) -> Result:
    """`fer ARGUMENTS` in this process."""
    return CliRunner().invoke(fer, [str(argument) for argument in arguments])


def read(*arguments: object) -> Any:
    """The document that `fer ARGUMENTS --json` prints."""
    result = call(*arguments, "--json")
    assert result.exit_code == 0, (arguments, result.exception, result.output)
    return json.loads(result.stdout)


def find_run(name: str) -> str:
    """The id of the kept run of that name."""
    (found,) = [row["run_id"] for row in read("runs", "list") if row["title"] == name]
    return found


def open_page(name: str, query: dict[str, str]) -> AppTest:
    """The page with the link's query, opened as a browser does: without an exception or an error that is not due."""
    page = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    if name != "overview":
        page.switch_page(f"../pages/{name}.py")
    page.query_params.update(query)
    page.run()
    assert not page.exception, page.exception
    for error in page.error:
        assert any(due in error.value.replace("*", "") for due in EXPECTED.get(name, ())), error.value
    assert page.title
    return page


def test_the_kept_workspace_is_small_and_tells_nothing_of_the_machine_that_made_it():
    assert KEPT.stat().st_size < 600_000
    with ZipFile(KEPT) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name, content in contents.items() if b"/tmp/" in content or b"/root/" in content]


def test_it_holds_one_of_everything_that_a_workspace_can_hold(unpacked):
    workspace = unpacked / "workspace"
    for pattern in (
        "datasets/*/dataset.json", "datasets/*/faces.npy", "datasets/*/faces.parquet", "datasets/*/CARD.md",
        "datasets/*/left_out.npy", "datasets/*/left_out.parquet", "datasets/*/source_leak.json",
        "datasets/*/.leak/exit.json", "datasets/.*.job/job.json", "datasets/.*.job/progress.json",
        "datasets/.*.job/exit.json", "datasets/.*.partial/*.npy", "datasets/.*.lock", "corrections/*.jsonl",
        "copy-counts/*/counts.json", "uploads/*/*.zip", "archives/*/.archive.json", "archives/*/.members.json",
        "runs/*/run.json", "runs/*/config.json", "runs/*/exit.json", "runs/*/stop.json", "runs/*/queued.json",
        "runs/*/slurm.json", "runs/*/process.json", "runs/*/log.txt", "runs/*/metrics.jsonl", "runs/*/alive.lock",
        "runs/*/checkpoints/best.safetensors", "runs/*/checkpoints/last.pt", "runs/*/learned.npy",
        "runs/*/learned.json", "runs/*/teacher.npy", "runs/*/tensorboard/*", "runs/*/predictions.parquet",
        "runs/*/report.json", "runs/*/evaluations/*/report.json", "runs/*/evaluations/*/predictions.parquet",
        "runs/.lr-range-*/lr_range.json", "runs/.lr-range-*/sweep.json", "runs/.slot-cpu.lock", "kfold/*/kfold.json",
        "kfold/*/out_of_fold.parquet", "searches/*/search.json", "searches/*/trials.journal", "searches/*/exit.json",
        ".results.lock", "../results/*.json", "../results.md", "../export/*.zip", "../links.json",
    ):  # fmt: skip
        assert list(workspace.glob(pattern)), pattern


@pytest.mark.parametrize("name", PAGES)
def test_each_page_opens(kept, name):
    open_page(name, {})


@pytest.mark.slow
@pytest.mark.parametrize("link", LINKS, ids=lambda link: f"{link['page']}?{'&'.join(link['query'].values())}")
def test_each_link_opens_and_shows_what_it_names(kept, link):
    shutil.rmtree(kept / "workspace" / "datasets" / ".assembled.job")  # once seen, it takes the page to its data set
    page = open_page(link["page"], link["query"])
    for key in ("data.name", "train.run", "errors.run", "review.name", "search.name", "photo.run"):
        if key in link["query"]:
            assert page.selectbox(key=key).value == link["query"][key]


def test_an_assembly_that_was_done_unseen_is_told_once(kept):
    page = open_page("data", {})
    assert page.selectbox(key="data.name").value == "assembled"
    assert any("assembled is assembled." in text.value for text in page.markdown)
    assert not (kept / "workspace" / "datasets" / ".assembled.job").exists()


@pytest.mark.slow
def test_the_mistakes_of_each_finished_run_are_shown(kept):
    for row in read("runs", "list"):
        if row["state"] == "finished":
            open_page("errors", {"errors.run": row["run_id"]})


def test_a_link_shows_the_cell_and_the_face_that_it_names(kept):
    link = next(each for each in LINKS if "cell" in each["query"])
    page = open_page("errors", link["query"])
    assert page.selectbox(key="errors.run").value == link["query"]["errors.run"]
    true, predicted = link["query"]["cell"].split("-")
    shown = f"**{true}, rightly found**" if true == predicted else f"**{true}, taken for {predicted}**"
    assert any(text.value.startswith(shown) for text in page.markdown)
    assert page.query_params["face"] in (link["query"]["face"], [link["query"]["face"]])


def test_each_run_is_in_the_state_in_which_it_was_left(kept):
    states = {row["title"]: row["state"] for row in read("runs", "list")}
    assert len(read("runs", "list")) == N_RUNS
    left = {
        "stopped": "stopped", "lost": "lost", "failed": "failed", "queued": "queued", "on slurm": "stopped",
        "bare": "finished", "both": "finished", "early": "finished", "plain +1": "finished", "parent +1": "finished",
    }  # fmt: skip
    assert {name: states[name] for name in left} == left
    assert {row["state"] for row in read("jobs")} == {"queued", "lost"}


@pytest.mark.parametrize(
    "command",
    [
        "data list", "data balance faces", "data quality faces", "data quality faces --flag dark",
        "data left-out faces", "data left-out faces --reason copy", "data corrections corrected",
        "data corrections gone",
        "data agreement faces", "data suspects faces --kfold folded", "runs list", "jobs", "search list",
        "search show rates", "kfold list", "kfold show folded", "recipes", "recipes compact",
        "runs learned people", "runs learned orphan",
    ],
)  # fmt: skip
def test_each_reading_command_answers_in_words_and_as_json(kept, command):
    arguments = [find_run("parent +1") if word == "orphan" else word for word in command.split()]
    result = call(*arguments)
    assert result.exit_code == 0, (result.exception, result.output)
    assert result.stdout.strip()
    assert read(*arguments)


@pytest.mark.parametrize("name", ["faces", "corrected", "demo", "uploaded", "assembled", "table"])
def test_each_data_set_has_its_card_and_is_exported_as_pictures(kept, name):
    assert call("data", "card", name).exit_code == 0
    exported = call("data", "export", name, kept / "pictures")
    assert exported.exit_code == 0, exported.exception
    n = next(row["n"] for row in read("data", "list") if row["name"] == name)
    assert len([path for path in (kept / "pictures").rglob("*.*") if path.suffix == ".png"]) == n


def test_each_run_is_shown_and_each_finished_one_has_its_card(kept):
    for row in read("runs", "list"):
        shown = read("runs", "show", row["run_id"])
        assert shown["state"] == row["state"]
        assert call("runs", "show", row["run_id"]).exit_code == 0
        if row["state"] == "finished":
            card = call("runs", "card", row["run_id"])
            assert card.exit_code == 0, card.exception
    assert read("runs", "show", "plain")["report"]["test"]["n"] == 21


def test_an_uploaded_archive_is_inspected(kept):
    (archive,) = (kept / "workspace" / "uploads").glob("*/*.zip")
    assert read("data", "inspect", archive)["n"] == 28


def test_copies_in_it_are_counted(kept):
    (archive,) = (kept / "workspace" / "uploads").glob("*/*.zip")
    assert read("data", "copies", "--source", archive)


def test_the_table_of_results_is_written_the_same_once_more(kept):
    before = (kept / "results.md").read_text()
    result = call("results", "table", "--file", kept / "results.toml")
    assert result.exit_code == 0, result.exception
    assert (kept / "results.md").read_text() == before


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
    assert "going on after step" in log.read_text()


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
