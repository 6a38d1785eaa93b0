"""One bad folder is one bad row: whatever is wrong with one file, every page and every command answers for the others.

The pages and the command line are asked, not the engine behind them.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
import streamlit as st
from filelock import FileLock
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner, Result

from fer_core.base.files import write_json
from fer_core.cli import app as fer
from fer_core.errors import InputError
from tests.damage.kinds import KINDS, copy_linked
from tests.damage.places import Place, lay_out
from tests.helpers.project import ROOT

KEPT = ROOT / "tests" / "kept_workspace" / "workspace-0.1.zip"
PAGES = ("overview", "data", "train", "runs", "search", "errors", "review", "photo")
SECTIONS = {  # file of a data set -> section of the Data page that reads it
    "left_out.npy": "Left out", "left_out.parquet": "Left out", "CARD.md": "Card", "source_leak.json": "Sources",
    "faces.npy": "Faces", "faces.parquet": "Copies", "dataset.json": "Overview", "exit.json": "Sources",
}  # fmt: skip
IDENTITY = {  # files without which nothing can be said of a folder
    "run": ("run.json", "config.json", "exit.json", "report.json", "metrics.jsonl", "stop.json", "queued.json",
            "slurm.json"),
    "data set": ("dataset.json",),
    "search": ("search.json", "exit.json"),
    "cross-validation": ("kfold.json",),
}  # fmt: skip
LISTS = {"run": "runs list", "data set": "data list", "search": "search list", "cross-validation": "kfold list"}
HARMLESS = ("a newer version", "missing", "a dangling link", "cut in half")  # not always a damage that shows


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    with ZipFile(KEPT) as archive:
        archive.extractall(folder)
    return folder / "workspace"


@pytest.fixture
def places(unpacked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Place]]:
    """The files to damage, in a workspace of this test where nothing begins to train."""
    home = tmp_path / "kept" / "workspace"
    shutil.copytree(unpacked, home, copy_function=copy_linked)
    monkeypatch.setenv("FER_HOME", str(home))
    st.cache_data.clear()
    st.cache_resource.clear()
    found = lay_out(home)
    with FileLock(home / "runs" / ".supervisor-cpu.lock"):
        yield found


def open_page(name: str, **query: str) -> str:
    """All that the page says; no exception is on it."""
    page = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    if name != "overview":
        page.switch_page(f"../pages/{name}.py")
    page.query_params.update(query)
    page.run()
    assert not page.exception, (name, query, page.exception)
    assert page.title
    texts = [
        element.value for kind in ("error", "warning", "info", "markdown", "caption") for element in page.get(kind)
    ]
    return "\n".join([*texts, *(table.value.to_csv() for table in page.dataframe)])


def call(command: str) -> Result:
    """`fer COMMAND` in this process: an answer, or a sentence for people."""
    result = CliRunner().invoke(fer, command.split())
    if result.exit_code:
        assert isinstance(result.exception, InputError), (command, result.exception, result.output)
    return result


def damage(places: list[Place], kind: str) -> None:
    for place in places:
        KINDS[kind](place.path)


def applies(kind: str, path: Path) -> bool:
    """To a file of numbers, one JSON document in its place is as good as another."""
    is_json = kind in ("null", "a text", "a number", "deep nesting", "an empty object", "a newer version")
    return not is_json or path.suffix not in (".npy", ".parquet", ".safetensors", ".pt", ".lock")


def check_lists(places: list[Place], kind: str) -> None:
    """Each list is there, with what is whole and a row for what cannot be read."""
    for command in (*LISTS.values(), "jobs"):
        assert call(command).exit_code == 0
        assert call(f"{command} --json").exit_code == 0
    runs, searches = call("runs list").stdout, call("search list").stdout
    assert all(name in runs for name in ("-plain", "-people", "-corrected", "-rates-0"))
    assert "rates " in searches and "-folded" in call("kfold list").stdout and "faces " in call("data list").stdout
    if kind in HARMLESS:
        return
    for place in places:
        if kind == "empty" and place.path.suffix == ".jsonl":
            continue  # no line yet
        if place.path.name in IDENTITY.get(place.kind, ()) and place.path.parent.name == place.name:
            row = next(line for line in call(LISTS[place.kind]).stdout.splitlines() if place.name in line)
            assert "unreadable" in row and place.path.name in row, row


def list_queries(places: list[Place]) -> Iterator[tuple[str, dict[str, str]]]:
    """A link to each thing whose damaged file is read only where that thing is shown."""
    for place in places:
        name = place.path.name
        if place.kind == "run" and name in ("log.txt", "process.json", "alive.lock"):
            yield "train", {"train.run": place.name}
        elif name in ("predictions.parquet", "best.safetensors") or "evaluations" in place.path.parts:
            yield "errors", {"errors.run": place.name}
        elif place.kind == "data set" and name in SECTIONS:
            yield "data", {"data.name": place.name, "data.section": SECTIONS[name]}
        elif place.kind == "search" and name in ("trials.journal", "alive.lock"):
            yield "search", {"search.name": place.name}
        if name == "best.safetensors":
            yield "photo", {"photo.run": place.name}
        if name in ("faces.npy", "faces.parquet"):
            yield "review", {"review.name": place.name}


def list_commands(places: list[Place]) -> Iterator[str]:
    for place in places:
        if place.kind == "run":
            yield f"runs show {place.name}"
            if place.path.name.startswith(("learned", "best", "report", "run")):
                yield from (f"runs {what} {place.name}" for what in ("card", "learned"))
        elif place.kind == "data set" and (place.path.name in SECTIONS or place.path.name == "dataset.json"):
            yield from (f"data {what} {place.name}" for what in ("card", "balance", "quality", "left-out", "agreement"))
        elif place.kind == "search":
            yield f"search show {place.name}"
        elif place.kind == "cross-validation":
            yield f"kfold show {place.name}"
            yield f"data suspects faces --kfold {place.name}"
        elif place.kind == "corrections":
            yield f"data corrections {place.name}"


@pytest.mark.parametrize("kind", ["garbage", "a list"])
def test_a_damaged_file_of_each_kind_is_a_row_in_its_list(places, kind):
    damage(places, kind)
    check_lists(places, kind)


def test_the_pages_open_beside_damaged_folders_and_name_their_files(places):
    damage(places, "garbage")
    said = "".join(map(open_page, ("overview", "data", "runs", "search")))
    for place in places:
        if place.path.name in IDENTITY.get(place.kind, ()) and place.path.parent.name == place.name:
            assert f"{place.name}/{place.path.name}" in said, place


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_page_and_every_reading_command_answers_whatever_is_wrong_with_a_file(places, kind):
    places = [place for place in places if applies(kind, place.path)]
    damage(places, kind)
    check_lists(places, kind)
    failed = []
    for page, query in [*((page, {}) for page in PAGES), *list_queries(places)]:
        try:
            open_page(page, **query)
        except AssertionError as error:
            failed.append(str(error))
    for command in list_commands(places):
        try:
            call(command)
        except AssertionError as error:
            failed.append(str(error))
    assert not failed, "\n\n".join(failed)


NAMES = ("20270201-000000-new\nline", "20270201-000000-\x1b[2J", "20270201-000000-\udcff\udcfe")


def test_a_folder_whose_name_cannot_be_shown_is_a_row_of_its_list(places, tmp_path):
    home = tmp_path / "kept" / "workspace"
    folders = {"runs list": next((home / "runs").glob("*-plain")), "data list": home / "datasets" / "faces",
               "search list": home / "searches" / "rates", "kfold list": next((home / "kfold").iterdir())}  # fmt: skip
    for command, folder in folders.items():
        for name in NAMES:
            shutil.copytree(folder, folder.with_name(name), copy_function=copy_linked)
        lines = call(command).stdout.splitlines()
        for name in NAMES:
            assert [line for line in lines if line.startswith(f"{name!a}  unreadable: ")], (command, name)
        assert call(f"{command} --json").exit_code == 0
    for page in ("overview", "data", "runs", "search", "errors", "train", "review", "photo"):
        open_page(page).encode()


VALUES: dict[str, dict[str, object]] = {
    "run.json": {"created": "9999-99-99T99:99"},
    "report.json": {"test": {"n": 42, "accuracy": 0.5}, "val": {"n": 42, "accuracy": 0.5}},
    "dataset.json": {"made": "2999-13-45"},
}


def test_a_date_that_is_none_and_a_report_without_a_confusion_matrix_are_shown_without_them(places, tmp_path):
    home = tmp_path / "kept" / "workspace"
    for place in places:
        if place.name.endswith(place.path.name.replace(".", "-")) and place.path.name in VALUES:
            document = {**json.loads(place.path.read_text()), **VALUES[place.path.name]}
            write_json(place.path, document)
    elsewhere = home / "runs" / "20270201-000000-elsewhere"
    shutil.copytree(home / "runs" / "20270101-000000-config-json", elsewhere, copy_function=copy_linked)
    document = json.loads((elsewhere / "run.json").read_text())
    write_json(elsewhere / "run.json", {**document, "created": "2026-07-01T10:00:00+0900"})
    for page in ("overview", "runs", "data"):
        assert "unreadable" not in open_page(page).lower()
    missing = "The report has no confusion matrix"
    assert missing in open_page("errors", **{"errors.run": "20270101-000000-report-json"})
    assert missing in call("runs show 20270101-000000-report-json").stdout
    assert missing in call("runs card 20270101-000000-report-json").stdout
    assert "20270101-000000-run-json" in call("runs list").stdout
    call("data card faces-dataset-json")
