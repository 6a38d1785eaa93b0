"""Figures that came home beside those that are here."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from fer_core.studies.gpu.merge import merge_rows
from fer_core.studies.results.records import DONE, UNFINISHED, Record, describe_row, read_record, write_record
from tests.helpers.tables import entry, row, write_file


@pytest.fixture
def table(tmp_path):
    return write_file(tmp_path, row("a", more="seeds = [0, 1]\n"))


@pytest.fixture
def merge(table, tmp_path):
    """Merges entries that came home; says which runs are here afterwards, by seed, and what was written and kept."""

    def merge(brought, here=(), packed=(), **changed):
        spec = describe_row(table.rows["a"], table)
        if here:
            write_record(
                table.folder, Record(row="a", kind="train", state=UNFINISHED, why="x", spec=spec, results=tuple(here))
            )
        if packed:
            write_record(
                tmp_path / "packed",
                Record(row="a", kind="train", state=UNFINISHED, why="x", spec=spec, results=tuple(packed)),
            )
        came = replace(
            Record(row="a", kind="train", state=UNFINISHED, why="time is over", spec=spec, results=tuple(brought)),
            **changed,
        )
        written, kept = merge_rows({"a": came}, table, tmp_path / "packed")
        record = read_record(table.folder, table.rows["a"])
        found = {each["seed"]: each["run_id"] for each in record.results}
        return SimpleNamespace(state=record.state, why=record.why, found=found, written=written, kept=kept)

    return merge


def test_an_earlier_calls_figures_take_nothing_away(merge):
    both = [entry(0), entry(1)]
    done = merge([entry(0)], here=both)
    assert (done.found, done.written, done.kept) == ({0: "run-0", 1: "run-1"}, [], [])


def test_a_later_calls_figures_are_added_and_the_row_is_done(merge):
    done = merge([entry(1)], here=[entry(0)])
    assert (done.found, done.state, done.why, done.written) == ({0: "run-0", 1: "run-1"}, DONE, "", ["a"])


def test_the_packs_own_copy_does_not_replace_what_was_measured_here_since(merge):
    packed = entry(0, run_id="z-packed", measured="2026-11-28")
    here = entry(0, run_id="b-here", measured="2026-11-28")
    done = merge([packed, entry(1)], here=[here], packed=[packed])
    assert (done.found, done.written) == ({0: "b-here", 1: "run-1"}, ["a"])
    assert done.kept == [
        "a, seed 0: b-here of 2026-11-28 is kept; the result brought back is not newer (z-packed of 2026-11-28)."
    ]


@pytest.mark.parametrize(("day", "stays"), [("2026-11-27", "brought"), ("2026-11-29", "here")])
def test_of_two_figures_for_one_seed_the_newer_stay(merge, day, stays):
    here, brought = entry(0, run_id="here", measured=day), entry(0, run_id="brought")
    done = merge([brought], here=[here])
    assert (done.found[0], bool(done.kept)) == (stays, stays == "here")


def test_what_was_measured_there_replaces_what_is_here_as_it_was_packed(merge):
    packed = entry(0, run_id="z")
    assert merge([entry(0, run_id="a")], here=[packed], packed=[packed]).found == {0: "a"}


def test_figures_of_other_settings_are_not_mixed_with_those_of_today(merge):
    done = merge([entry(1)], here=[entry(0)], spec={"head": "people"})
    assert (done.found, done.written) == ({0: "run-0"}, [])
    assert done.kept == ["a: the results brought back were measured with other settings, so the figures here are kept."]


def test_a_row_without_results_is_written_only_where_nothing_is_known_of_it(merge):
    assert merge([]).written == ["a"]
    done = merge([], here=[entry(0)])
    assert (done.found, done.written, done.kept) == ({0: "run-0"}, [], [])
