import pytest

from fer_core.base.files import write_json
from fer_core.errors import InputError
from fer_core.studies.results.plan import read_current, settle
from fer_core.studies.results.records import Record, describe_row, is_current, read_record, write_record
from tests.helpers.samples import make_dataset
from tests.helpers.tables import HEAD, entry, row, write_file


@pytest.fixture
def table(tmp_path):
    return write_file(tmp_path, row("a", more="seeds = [0, 1]\n"))


def record_of(table, *entries):
    return Record(row="a", kind="train", spec=describe_row(table.rows["a"], table), results=entries)


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
    assert is_current(Record(row="a", kind="train", spec={**record.spec, "config": config}), table.rows["a"], table)
    config["magic"] = 1
    assert not is_current(Record(row="a", kind="train", spec={**record.spec, "config": config}), table.rows["a"], table)


def test_an_evaluation_counts_for_the_weights_that_were_scored(tmp_path, monkeypatch):
    table = write_file(tmp_path, row("e", "evaluate"))
    before = describe_row(table.rows["e"], table)
    monkeypatch.setattr("fer_core.studies.results.records._digest_bundled", lambda: "other weights")
    assert not is_current(Record(row="e", kind="evaluate", spec=before), table.rows["e"], table)


def test_a_damaged_file_is_named(table):
    table.folder.mkdir()
    write_json(table.folder / "a.json", {"row": "a"})
    with pytest.raises(InputError, match=r"a\.json is not the row's file"):
        read_record(table.folder, table.rows["a"])


def test_entries_on_another_version_of_the_data_set_are_kept_and_do_not_count(table):
    record = record_of(table, entry(0, dataset_fingerprint="old")).with_entry(entry(1))
    assert [each["seed"] for each in record.counted] == [1]
    unfinished = settle(record, table.rows["a"], table)
    assert (unfinished.state, unfinished.why) == ("unfinished", "missing: seed 0")
    write_record(table.folder, unfinished)
    assert read_record(table.folder, table.rows["a"]) == unfinished
    assert [each["seed"] for each in unfinished.results] == [0, 1]


def test_of_a_file_that_does_not_say_which_version_counts_it_is_the_one_measured_last(table):
    newer = entry(1, dataset_fingerprint="new", measured="2026-11-29")
    assert [each["seed"] for each in record_of(table, entry(0), newer, entry(2)).counted] == [1]


def test_the_version_that_the_workspace_has_is_the_one_that_counts(table, tmp_path):
    write_record(table.folder, record_of(table, entry(0), entry(1)))
    assert len(read_current(table.rows["a"], table).counted) == 2
    fingerprint = make_dataset(tmp_path).info.fingerprint
    assert read_current(table.rows["a"], table).counted == ()
    write_record(table.folder, record_of(table, entry(0), entry(1, dataset_fingerprint=fingerprint)))
    assert [each["seed"] for each in read_current(table.rows["a"], table).counted] == [1]
    other = write_file(
        tmp_path, row("a"), head=HEAD.replace('["fer2013"]', '["fer2013"]\nchoices = { copies = "drop_surplus" }')
    )
    assert read_current(other.rows["a"], other).fingerprint == ""  # another data set of that name
