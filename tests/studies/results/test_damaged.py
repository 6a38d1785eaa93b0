"""A damaged file of a row is that row's matter alone: one sentence with the place, and everything else is written."""

import json

import pytest

from fer_core.errors import InputError
from fer_core.studies.results.lines import read_rows
from fer_core.studies.results.records import Record, describe_row, read_record, write_record
from fer_core.studies.results.run import Options, Runner
from fer_core.studies.results.table import write_table
from fer_core.studies.results.table_file import read_table_file
from fer_core.studies.results.work import WORK
from tests.helpers.samples import make_dataset
from tests.helpers.tables import HEAD, entry, row, write_file


@pytest.fixture
def table(tmp_path):
    table = write_file(tmp_path, row("a"), row("b"))
    for name in "ab":
        spec = describe_row(table.rows[name], table)
        write_record(table.folder, Record(row=name, kind="train", state="done", why="", spec=spec, results=(entry(0),)))
    return table


def damage(table, change):
    """Changes a.json: the document, or in its place the text that `change` returns."""
    path = table.folder / "a.json"
    document = json.loads(path.read_text())
    text = change(document)
    path.write_text(text if isinstance(text, str) else json.dumps(document))


def first(document):
    return document["results"][0]


def scores(document, **values):
    first(document)["scores"]["test"].update(values)


FAULTS = [
    pytest.param(lambda d: "", "it is not valid JSON", id="empty"),
    pytest.param(lambda d: "[]", "expected an object", id="list"),
    pytest.param(lambda d: d.update(row="b"), "it is the file of 'b'", id="of another row"),
    pytest.param(lambda d: d.update(version=99), "version: should be less than or equal to 1, got 99", id="version"),
    pytest.param(lambda d: d.update(results=None), "results: should be a valid list, got None", id="no results"),
    pytest.param(lambda d: d.update(results=["x"]), "results.0: ", id="a result is a string"),
    pytest.param(lambda d: d.update(state="odd"), "state: should be 'done', 'unfinished' or 'not run'", id="state"),
    pytest.param(lambda d: d.update(spec=None), "spec: should be a valid dictionary", id="spec"),
    pytest.param(lambda d: first(d).pop("scores") and None, "results.0.scores: Field required", id="no scores"),
    pytest.param(lambda d: first(d).update(scores={}), "results.0.scores: Dictionary should have", id="empty scores"),
    pytest.param(lambda d: first(d).pop("seed") or None, "results.0.seed: Field required", id="no seed"),
    pytest.param(lambda d: first(d).update(seed="0"), "results.0.seed: should be a valid integer, got '0'", id="seed"),
    pytest.param(lambda d: d["results"].append(first(d)), "got two with seed 0", id="a seed twice"),
    pytest.param(lambda d: scores(d, accuracy="71"), "test.accuracy: should be a valid number, got '71'", id="text"),
    pytest.param(lambda d: scores(d, accuracy=71.0), "accuracy: should be less than or equal to 1, got 71", id="71"),
    pytest.param(lambda d: scores(d, accuracy=None), "accuracy: should be a valid number, got None", id="null"),
    pytest.param(lambda d: scores(d, accuracy=float("nan")), "accuracy: should be", id="nan"),
    pytest.param(lambda d: scores(d, confusion=[[1, 2], [3]]), "7 rows of 7 counts, got rows of 2, 1", id="ragged"),
    pytest.param(lambda d: scores(d, n_without_copies=None), "expected n_without_copies with", id="n of copies"),
    pytest.param(lambda d: first(d)["curves"].update(val_loss=[]), "got none in val_loss", id="no losses"),
    pytest.param(lambda d: first(d)["curves"].update(val_loss=[1.0]), "equally many numbers in each", id="lengths"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), FAULTS)
def test_a_damaged_file_is_one_row_that_says_so_and_the_others_are_written(table, change, message):
    damage(table, change)
    before = (table.folder / "a.json").read_bytes()
    write_table(table)
    damaged, whole = read_rows(table)
    (line,) = damaged.lines
    assert line.note.startswith("unreadable: results/a.json is not the row's file (")
    assert message in line.note
    assert line.note.endswith("Restore it, or delete it and run the row again: `fer results run --only a`.")
    assert whole.lines[0].test.value == 0.5
    assert "| 50.0 (" in table.document.read_text()
    with pytest.raises(InputError, match=r"a\.json is not the row's file"):
        read_record(table.folder, table.rows["a"])
    assert (table.folder / "a.json").read_bytes() == before


def test_a_damaged_file_is_left_to_a_person_while_the_other_rows_are_run(table, tmp_path, monkeypatch):
    make_dataset(tmp_path)
    monkeypatch.setitem(WORK, "train", lambda job, table, fingerprint: entry(0, dataset_fingerprint=fingerprint))
    damage(table, lambda d: "{")
    records = {record.row: record for record in Runner(table, Options(), lambda line: None).run()}
    assert (records["a"].state, records["b"].state) == ("not run", "done")
    assert "a.json is not the row's file (it is not valid JSON" in records["a"].why
    assert (table.folder / "a.json").read_text() == "{"


def test_a_config_that_is_none_makes_another_row(table):
    damage(table, lambda d: d["spec"].update(config=None))
    assert read_rows(table)[0].lines[0].note == "measured before the row changed; run it again"


def test_losses_that_are_no_numbers_are_left_out_of_the_chart(table):
    damage(table, lambda d: first(d)["curves"].update(val_loss=[None, float("inf")], val_accuracy=[None, None]))
    write_table(table)
    text = (table.folder / "a.svg").read_text()
    assert "inf" not in text
    assert "nan" not in text


def test_a_document_that_is_not_utf_8_is_named_and_nothing_is_written(table):
    table.document.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"results\.md is not UTF-8 text .* Save it as UTF-8"):
        write_table(table)
    assert not list(table.folder.glob("*.svg"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sources = 3", r"sources: expected a table \[sources\] of NAME = \[READER=\]PATH, got 3"),
        ("row = 3", r"row: expected tables such as \[\[row\]\], got 3"),
        ("row = [3]", "row 1: name: every row needs one"),
        (HEAD + row("a").replace('kind = "train"', "kind = []"), r"row 'a': kind: expected one of .*, got \[\]"),
        (HEAD + row("a", more="[[row.recorded]]\non = 2026-11-24\nn = 7\ntest = 710\n"), "equal to 100, got 710"),
    ],
)
def test_a_value_of_the_wrong_kind_in_the_tables_file_is_a_sentence(tmp_path, text, message):
    path = tmp_path / "results.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_table_file(path)
