"""Which runs are begun, in which order, and what ends them; the work itself is a stand-in."""

import threading
from dataclasses import replace

import pytest

from fer_core.errors import InputError
from fer_core.studies.results.job import Halted
from fer_core.studies.results.records import Record, describe_row, read_record, write_record
from fer_core.studies.results.run import Options, Runner
from fer_core.studies.results.work import WORK
from tests.helpers.samples import make_dataset
from tests.helpers.tables import entry, row, write_file


@pytest.fixture(autouse=True)
def tiny(tmp_path):
    make_dataset(tmp_path)


@pytest.fixture
def done(monkeypatch):
    """(row, seed) of what was done, in order; each is done at once."""
    done = []

    def work(job, table, fingerprint):
        done.append((job.row.name, job.seed))
        return entry(job.seed, dataset_fingerprint=fingerprint)

    for kind in WORK:
        monkeypatch.setitem(WORK, kind, work)
    return done


def run(table, say=lambda line: None, **options):
    return {record.row: record for record in Runner(table, Options(**options), say).run()}


def test_rows_are_run_in_the_order_of_the_file_seed_by_seed_and_done_ones_are_not_run_again(tmp_path, done):
    table = write_file(tmp_path, row("b", more="seeds = [4, 2]\n"), row("a"), row("m", "ensemble", 'members = ["b"]\n'))
    records = run(table)
    assert done == [("b", 4), ("b", 2), ("a", 0), ("m", None)]
    assert {record.state for record in records.values()} == {"done"}
    assert run(table)["m"].state == "done"
    assert len(done) == 4
    run(table, again=True, only=["a"])
    assert done[4:] == [("a", 0)]


def test_a_row_with_a_reason_is_run_only_where_it_is_named(tmp_path, done):
    table = write_file(tmp_path, row("long", more='why_not = "two hours"\n'), row("a"))
    record = run(table)["long"]
    assert (record.state, record.why, done) == ("not run", "two hours", [("a", 0)])
    assert read_record(table.folder, table.rows["long"]).why == "two hours"
    assert run(table, only=["long"])["long"].state == "done"


def test_a_row_waits_for_those_it_needs_while_others_are_run(tmp_path, monkeypatch):
    table = write_file(tmp_path, row("a"), row("m", "ensemble", 'members = ["a"]\n'), row("z"))
    z_is_done, order = threading.Event(), []

    def train(job, table, fingerprint):
        if job.row.name == "a":
            assert z_is_done.wait(30)
        order.append(job.row.name)
        if job.row.name == "z":
            z_is_done.set()
        return entry(job.seed, dataset_fingerprint=fingerprint)

    monkeypatch.setitem(WORK, "train", train)
    monkeypatch.setitem(
        WORK,
        "ensemble",
        lambda job, table, fingerprint: order.append("m") or entry(None, dataset_fingerprint=fingerprint),
    )
    run(table, jobs=2)
    assert order == ["z", "a", "m"]


def test_runs_at_the_same_time_have_lanes_of_their_own(tmp_path, monkeypatch):
    table = write_file(tmp_path, row("a", more="seeds = [0, 1, 2]\n"))
    meet, lanes = threading.Barrier(3, timeout=30), []

    def train(job, table, fingerprint):
        lanes.append(job.lane)
        meet.wait()
        return entry(job.seed, dataset_fingerprint=fingerprint)

    monkeypatch.setitem(WORK, "train", train)
    run(table, jobs=3)
    assert sorted(lanes) == [0, 1, 2]


def test_a_run_that_fails_says_why_and_the_others_go_on(tmp_path, monkeypatch, done):
    def fail(job, table, fingerprint):
        if job.seed == 0:
            raise InputError("The loss became NaN or infinite.")
        return entry(job.seed, dataset_fingerprint=fingerprint)

    monkeypatch.setitem(WORK, "train", fail)
    record = run(write_file(tmp_path, row("a", more="seeds = [0, 1]\n")))["a"]
    assert (record.state, record.why, len(record.results)) == ("unfinished", "The loss became NaN or infinite.", 1)


def test_figures_of_an_earlier_row_stay_until_there_are_new_ones(tmp_path, monkeypatch, done):
    run(write_file(tmp_path, row("a")))

    def fail(job, table, fingerprint):
        raise InputError("no")

    monkeypatch.setitem(WORK, "train", fail)
    changed = write_file(tmp_path, row("a").replace("epochs = 1", "epochs = 2"))
    assert run(changed)["a"].state == "not run"
    assert len(read_record(changed.folder, changed.rows["a"]).results) == 1


def test_a_run_on_another_version_of_the_data_set_is_made_again(tmp_path, done):
    table = write_file(tmp_path, row("a", more="seeds = [0, 1]\n"))
    (record,) = run(table).values()
    write_record(table.folder, replace(record, results=(entry(0), record.results[1]), fingerprint=""))
    assert run(table)["a"].state == "done"
    assert done == [("a", 0), ("a", 1), ("a", 0)]


def test_figures_on_another_version_of_the_data_set_stay_in_the_file_until_there_are_new_ones(tmp_path, done):
    table = write_file(tmp_path, row("a", more='seeds = [0, 1]\nwhy_not = "two hours"\n'))
    spec = describe_row(table.rows["a"], table)
    write_record(
        table.folder, Record(row="a", kind="train", state="done", why="", spec=spec, results=(entry(0), entry(1)))
    )
    before = (table.folder / "a.json").read_bytes()
    assert (run(table)["a"].state, done) == ("not run", [])
    assert (table.folder / "a.json").read_bytes() == before


def test_what_cannot_end_within_the_budget_is_not_begun(tmp_path, done):
    table = write_file(tmp_path, row("a", more='takes = "9m"\n'), row("b", more='takes = "1m"\n'), row("c"))
    records = run(table, budget_s=300.0)
    assert done == [("b", 0), ("c", 0)]
    assert "It takes 9.0 min, but 5.0 min of the budget remained" in records["a"].why
    assert not (table.folder / "a.json").exists()  # another call may have the time


def test_no_data_set_is_assembled_for_a_row_that_cannot_end_within_the_budget(tmp_path, monkeypatch):
    monkeypatch.setattr("fer_core.studies.results.run.dataset_names", list)
    monkeypatch.setattr("fer_core.studies.results.run.ensure_dataset", lambda *args: pytest.fail("assembled"))
    said = []
    records = run(write_file(tmp_path, row("a", more='takes = "9m"\n')), said.append, budget_s=300.0)
    assert records["a"].why.startswith("It takes 9.0 min")
    assert said == [f"a, seed 0: not run: {records['a'].why}"]


def test_a_row_that_is_done_says_so_and_its_file_stays_as_it_is(tmp_path, done):
    table, said = write_file(tmp_path, row("a")), []
    run(table)
    file = table.folder / "a.json"
    file.write_text(file.read_text().replace("{", "{ ", 1))
    before = file.read_text()
    run(table, said.append, only=["a"])
    assert said == ["a: already done; `fer results run --again` measures it again"]
    assert file.read_text() == before


def halt_when_stopped(started):
    def work(job, table, fingerprint):
        asked = threading.Event()
        stop = job.stop

        def note(why):
            stop(why)
            asked.set()

        job.stop = note
        started(job)
        assert asked.wait(30)
        raise Halted(job._why)

    return work


def test_when_the_budget_is_over_what_runs_is_stopped_and_nothing_else_begun(tmp_path, monkeypatch):
    table = write_file(tmp_path, row("a"), row("b"))
    runner = Runner(table, Options(budget_s=1000.0), lambda line: None)

    def end_budget(job):
        runner.began -= 1000

    monkeypatch.setitem(WORK, "train", halt_when_stopped(end_budget))
    records = {record.row: record for record in runner.run()}
    assert records["a"].why == "the budget is used up"
    assert records["b"].why == "Not started: the budget is used up."


def test_a_run_past_its_deadline_is_stopped_and_the_next_begun(tmp_path, monkeypatch):
    table = write_file(tmp_path, row("a", more='deadline = "5m"\n'), row("b", more='deadline = "5m"\n'))
    started = []

    def work(job, table, fingerprint):
        started.append(job.row.name)
        if job.row.name == "b":
            return entry(job.seed, dataset_fingerprint=fingerprint)
        return halt_when_stopped(lambda job: setattr(job, "began", -1e9))(job, table, fingerprint)

    monkeypatch.setitem(WORK, "train", work)
    records = run(table)
    assert started == ["a", "b"]
    assert (records["a"].why, records["b"].state) == ("its deadline of 5.0 min has passed", "done")


def test_an_interrupt_stops_what_runs_and_begins_nothing(tmp_path, monkeypatch):
    table = write_file(tmp_path, row("a"), row("b"))
    runner = Runner(table, Options(), lambda line: None)
    monkeypatch.setitem(WORK, "train", halt_when_stopped(lambda job: runner.interrupt()))
    assert [record.why for record in runner.run()] == ["stopped by a person", "Not started: stopped by a person."]


def test_a_row_whose_source_is_missing_says_so_and_the_others_are_run(tmp_path, done):
    head = (
        '[sources]\nfer2013 = "fer2013=tiny-source/fer2013.csv"\n[dataset.tiny]\nsources = ["fer2013"]\n'
        '[dataset.gone]\nsources = ["fer2013"]\n[section.main]\ntitle = "Main"\n'
    )
    table = write_file(tmp_path, row("x").replace('"tiny"', '"gone"'), row("a"), head=head)
    records = run(table)
    assert "--source fer2013=PATH" in records["x"].why
    assert done == [("a", 0)]


def test_two_calls_in_one_workspace_do_not_mix(tmp_path, monkeypatch):
    table = write_file(tmp_path, row("a"))

    inner = []

    def call_again(job, table, fingerprint):
        assert not inner, "the second call did not notice the first"
        inner.append(job)
        with pytest.raises(InputError, match="is already running in this workspace"):
            run(table)
        return entry(job.seed, dataset_fingerprint=fingerprint)

    monkeypatch.setitem(WORK, "train", call_again)
    assert run(table)["a"].state == "done"
