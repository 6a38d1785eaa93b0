import pytest

from fer_core.errors import InputError
from fer_core.files import write_json
from fer_core.results.plan import read_current, settle
from fer_core.results.records import Record, describe_row, is_current, read_record, write_record
from tests.results.tables import entry, row, write_file


@pytest.fixture
def table(tmp_path):
    return write_file(tmp_path, row("a", more="seeds = [0, 1]\n"))


def record_of(table, *entries):
    return Record("a", "train", spec=describe_row(table.rows["a"], table), results=entries)


def test_a_record_is_read_as_it_was_written_with_a_row_of_numbers_on_a_line(table):
    record = settle(record_of(table, entry(0)), table.rows["a"], table)
    write_record(table.folder, record)
    assert read_record(table.folder, table.rows["a"]) == record
    text = (table.folder / "a.json").read_text()
    assert "[1, 0, 0, 0, 0, 0, 0],\n" in text
    assert '"val_loss": [0.5, 0.25]' in text


def test_entries_are_kept_by_seed_and_the_new_one_takes_the_place_of_the_old(table):
    record = record_of(table, entry(1)).with_entry(entry(0, 0.1)).with_entry(entry(1, 0.9))
    assert [(e["seed"], e["scores"]["test"]["accuracy"]) for e in record.results] == [(0, 0.1), (1, 0.9)]


def test_a_row_is_done_with_all_its_seeds(table):
    states = [
        settle(record_of(table, *entries), table.rows["a"], table) for entries in ([], [entry(0)], [entry(0), entry(1)])
    ]
    assert [(r.state, r.why) for r in states] == [
        ("not run", "missing: seed 0, 1"), ("unfinished", "missing: seed 1"), ("done", ""),
    ]  # fmt: skip


def test_what_was_measured_of_a_row_that_has_changed_does_not_count(table, tmp_path):
    write_record(table.folder, record_of(table, entry(0), entry(1)))
    assert len(read_current(table.rows["a"], table).results) == 2
    assert read_current(table.rows["a"], table, again=True).results == ()
    changed = write_file(tmp_path, row("a", more="seeds = [0, 1]\n").replace("epochs = 1", "epochs = 2"))
    assert read_current(changed.rows["a"], changed).results == ()
    more = write_file(tmp_path, row("a", more="seeds = [0, 1, 2]\n"))
    assert len(read_current(more.rows["a"], more).results) == 2


def test_a_field_that_came_since_has_its_default_and_one_that_went_makes_another_row(table):
    record = record_of(table, entry(0))
    config = dict(record.spec["config"])
    del config["focal_gamma"]
    assert is_current(Record("a", "train", spec={**record.spec, "config": config}), table.rows["a"], table)
    config["magic"] = 1
    assert not is_current(Record("a", "train", spec={**record.spec, "config": config}), table.rows["a"], table)


def test_an_evaluation_counts_for_the_weights_that_were_scored(tmp_path, monkeypatch):
    table = write_file(tmp_path, row("e", "evaluate"))
    before = describe_row(table.rows["e"], table)
    monkeypatch.setattr("fer_core.results.records._digest_bundled", lambda: "other weights")
    assert not is_current(Record("e", "evaluate", spec=before), table.rows["e"], table)


def test_a_damaged_file_is_named(table):
    table.folder.mkdir()
    write_json(table.folder / "a.json", {"row": "a"})
    with pytest.raises(InputError, match=r"a\.json is not the file of a row"):
        read_record(table.folder, table.rows["a"])
