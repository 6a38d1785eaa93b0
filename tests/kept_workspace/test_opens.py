"""A workspace that an earlier version left is opened: by every page, every link and every command that reads."""

import json
import re
import shutil
from zipfile import ZipFile

import pytest

from tests.helpers.project import ROOT
from tests.kept_workspace.asking import KEPT, call, find_run, open_page, read

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
LINKS = json.loads(ZipFile(KEPT).read("links.json"))
N_RUNS = 23


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
    shown = f"**{true}, classified correctly**" if true == predicted else f"**{true}, predicted as {predicted}**"
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


def test_the_table_of_results_is_written_from_the_kept_figures(kept):
    before = (kept / "results.md").read_text()
    result = call("results", "table", "--file", kept / "results.toml")
    assert result.exit_code == 0, result.exception
    figures = set(re.findall(r"\d+\.\d(?= %)", before))
    assert figures
    assert figures <= set(re.findall(r"\d+\.\d", (kept / "results.md").read_text()))  # its form is of today's version
