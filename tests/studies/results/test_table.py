"""The document: written between its marks, the same twice, with what is measured told from what is not."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from fer_core.errors import InputError
from fer_core.studies.results.chart import draw_row
from fer_core.studies.results.lines import read_rows
from fer_core.studies.results.records import Record, describe_row, write_record
from fer_core.studies.results.table import BEGIN, END, write_table
from fer_core.studies.results.table_file import find_table_file, read_table_file
from tests.helpers.tables import RECORDED, entry, row, write_file


@pytest.fixture
def table(tmp_path):
    table = write_file(
        tmp_path,
        row("a", more="seeds = [0, 1]\n"),
        row("b", more='why_not = "two hours | long"\n'),
        row("c", "recorded", RECORDED),
    )
    entries = (entry(0, 0.5), entry(1, 0.7))
    write_record(
        table.folder,
        Record(row="a", kind="train", state="done", why="", spec=describe_row(table.rows["a"], table), results=entries),
    )
    return table


def lines_of(table):
    return table.document.read_text().splitlines()


def test_the_same_rows_give_the_same_bytes(table):
    paths = write_table(table)
    assert [path.name for path in paths] == ["results.md", "a.svg"]
    before = [path.read_bytes() for path in paths]
    assert write_table(table) == paths
    assert [path.read_bytes() for path in paths] == before


def test_what_people_wrote_around_the_marks_stays(table):
    table.document.write_text(f"# Mine\n\nabove\n\n{BEGIN}\nold table\n{END}\n\nbelow\n")
    write_table(table)
    text = table.document.read_text()
    assert text.startswith(f"# Mine\n\nabove\n\n{BEGIN}\n")
    assert text.endswith(f"{END}\n\nbelow\n")
    assert "old table" not in text
    assert "## Main" in text


@pytest.mark.parametrize("text", ["# Mine\n", f"{BEGIN}\n", f"{END}\n{BEGIN}\n"])
def test_a_document_without_both_marks_is_left_as_it_is(table, text):
    table.document.write_text(text)
    with pytest.raises(InputError, match="lacks the two marks"):
        write_table(table)
    assert table.document.read_text() == text


def test_a_measured_run_has_its_interval_floor_and_day_and_seeds_have_a_mean(table):
    write_table(table)
    header, _, first, second, mean = [line for line in lines_of(table) if line.startswith("| ")][:5]
    assert "| PublicTest | PrivateTest (95 %) | no copies |" in header
    assert first == "| 1 | The a | 0 | 50.0 | 50.0 (20.2 to 79.8) | 50.0 | 40.0 | 5.0 (2.0) |"
    assert second.startswith("| 2 |  | 1 | ")
    assert mean.startswith("|  | mean ± standard deviation, 2 seeds |  | ")
    assert "| 60.0 ± 14.1 |" in mean


def test_a_note_under_the_table_has_the_command_and_what_no_column_shows(table):
    write_table(table)
    text = " ".join(table.document.read_text().split())
    assert "1. `fer train --dataset tiny --seed 0 --set " in text
    assert (
        "--set device=cpu`; epochs: 2, best 2; CPU, 1 thread, 90 s; n = 7, 6 without copies; "
        "measured 2026-11-28, abc. 2. `fer train --dataset tiny --seed 1 --set " in text
    )


def test_no_line_is_over_120_columns(table):
    write_table(table)
    assert not [line for line in lines_of(table) if len(line) > 120]


def test_a_row_that_was_not_run_says_why(table):
    write_table(table)
    text = " ".join(table.document.read_text().split())
    assert "- **The b**: `fer train --dataset tiny" in text
    assert r"; not run: two hours \| long." in text


def test_figures_by_hand_are_told_from_measured_ones(table):
    write_table(table)
    (line,) = [line for line in lines_of(table) if "The c" in line]
    assert line.startswith("| 3† | The c | ")
    assert "| 58.1 | 59.6 (58.0 to 61.2) |" in line
    text = " ".join(table.document.read_text().split())
    assert "3. `fer train --preset old`; " in text
    assert "n = 3,589; recorded by hand on 2026-11-24." in text


def test_a_row_that_has_changed_since_says_so(table, tmp_path):
    changed = write_file(tmp_path, row("a", more="seeds = [0, 1]\n").replace("epochs = 1", "epochs = 2"))
    notes = [line.note for line in read_rows(changed)[0].lines]
    assert notes == ["measured before the row changed; run it again"] * 2


def test_an_unfinished_row_shows_what_it_has_and_what_is_missing(table):
    spec = describe_row(table.rows["a"], table)
    write_record(
        table.folder,
        Record(row="a", kind="train", state="unfinished", why="missing: seed 1", spec=spec, results=(entry(0),)),
    )
    first, last = read_rows(table)[0].lines
    assert (first.seed, first.note, last.note) == (0, "", "unfinished: missing: seed 1")


@pytest.mark.parametrize(
    ("seed", "fingerprint", "note"),
    [
        (1, "other", "measured on another version of the data set; not counted; run it again"),
        (7, "f", "the row no longer has this seed; not counted"),
    ],
)
def test_a_run_on_other_faces_or_of_a_seed_that_went_is_noted_and_not_part_of_the_mean(table, seed, fingerprint, note):
    spec = describe_row(table.rows["a"], table)
    other = entry(seed, 0.7, dataset_fingerprint=fingerprint)
    write_record(
        table.folder, Record(row="a", kind="train", state="done", why="", spec=spec, results=(entry(0), other))
    )
    shown = read_rows(table)[0]
    assert [(line.seed, line.note) for line in shown.lines] == [(0, ""), (seed, note)]
    write_table(table)
    assert "mean ±" not in table.document.read_text()
    assert "runs together" not in (table.folder / "a.svg").read_text()


def test_the_figure_has_curves_and_the_matrix_of_all_runs():
    text = draw_row([entry(0), entry(1)], "A < B")
    root = ET.fromstring(text)
    words = ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("text")]
    assert {"Loss", "Accuracy", "angry", "100"} <= set(words)
    assert words.count("2") >= 7  # the diagonal: one face in each run
    assert len([element for element in root.iter() if element.tag.endswith("polyline")]) == 8
    assert "A &lt; B" in text
    assert "Labelled (rows)" in text
    assert "Voted (rows)" in draw_row([entry()], "x", "voted")


def test_a_row_without_epochs_has_the_matrix_alone_and_one_without_results_nothing():
    one = entry()
    del one["curves"]
    assert "polyline" not in draw_row([one], "x")
    assert draw_row([], "x") is None


def test_a_run_of_one_epoch_with_the_same_loss_twice_is_drawn():
    flat = {name: [0.5] for name in entry()["curves"]} | {"epoch": [1], "train_clean_loss": [None]}
    assert "nan" not in draw_row([entry(curves=flat)], "x")


def test_the_projects_own_document_is_what_the_command_writes(tmp_path):
    project = find_table_file()
    assert project is not None
    shutil.copy(project, tmp_path)
    shutil.copy(project.with_suffix(".md"), tmp_path)
    shutil.copytree(project.with_suffix(""), tmp_path / "results")
    table = read_table_file(tmp_path / project.name)
    paths = write_table(table)
    other = [path.name for path in paths if path.read_bytes() != _find_original(project, path).read_bytes()]
    assert not other, "Call `fer results table` and commit what it writes."
    assert set(table.folder.glob("*.svg")) == set(paths[1:])


def _find_original(project: Path, copy: Path) -> Path:
    return project.with_suffix(".md") if copy.suffix == ".md" else project.with_suffix("") / copy.name
