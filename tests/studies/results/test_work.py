"""What is done for a run of each kind: its own run is found again, its scores are those of the run."""

import json
from types import SimpleNamespace

import pytest
from filelock import FileLock

from fer_core.errors import InputError
from fer_core.runs.create import create_run
from fer_core.studies.results.entries import measure_seconds, pick_scores
from fer_core.studies.results.job import Halted, Job
from fer_core.studies.results.members import find_runs, find_trained
from fer_core.studies.results.work import WORK
from fer_core.training.process import train_run
from tests.helpers.samples import make_dataset
from tests.helpers.tables import row, write_file
from tests.helpers.trained import Stop


@pytest.fixture
def fingerprint(tmp_path):
    return make_dataset(tmp_path).info.fingerprint


@pytest.fixture
def table(tmp_path):
    return write_file(
        tmp_path,
        row("a", more="seeds = [0, 1]\n"),
        row("m", "ensemble", 'members = ["a"]\n'),
        row("e", "evaluate", 'of = "a"\nsplits = ["test"]\nviews = "one"\n'),
    )


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """Trains in this process, and calls `fer` in it."""

    def start(run, lane):
        train_run(run, Stop(), lane=lane)

    monkeypatch.setattr("fer_core.studies.results.job.start_trainer", start)
    monkeypatch.setattr("fer_core.studies.results.job.watch", lambda run, child: None)


def call_here(monkeypatch, capsys):
    """Lets `Job.call` answer from this process; returns the calls."""
    from tests.helpers.command import call

    calls = []

    def answer(self, arguments):
        calls.append(arguments[0])
        capsys.readouterr()
        code, out, err = call(capsys, *arguments, "--json")
        if code:
            raise InputError(err.removeprefix("fer: "))
        return json.loads(out)

    monkeypatch.setattr(Job, "call", answer)
    return calls


def do(table, name, fingerprint, seed=None):
    job = Job(table.rows[name], seed)
    return job, WORK[table.rows[name].kind](job, table, fingerprint)


def test_a_run_is_trained_once_and_then_found_by_its_row(table, fingerprint):
    job, entry = do(table, "a", fingerprint, 1)
    assert job.run.info.results_row == "a"
    assert entry["scores"]["test"]["accuracy"] == round(job.run.report["test"].accuracy, 6)
    assert entry["command"].startswith("fer train --dataset tiny --seed 1 --name 'a seed 1' --set model=")
    assert (entry["n_epochs"], entry["best_epoch"], len(entry["curves"]["val_loss"])) == (1, 1, 1)
    again, same = do(table, "a", fingerprint, 1)
    assert again.run == job.run
    assert same == entry


def test_a_run_of_another_config_seed_or_data_set_is_not_taken_and_one_named_after_the_row_is(table, fingerprint):
    made = table.rows["a"]
    for values in ({"epochs": 2}, {"seed": 7}, {"name": "other"}):
        create_run(made.config(0).model_copy(update=values), "test")
    assert find_trained(made, 0, table, fingerprint) is None
    run = create_run(made.config(0).model_copy(update={"name": "a"}), "test")
    assert find_trained(made, 0, table, fingerprint) == run
    assert find_trained(made, 0, table, "another fingerprint") is None
    (create_run(made.config(1).model_copy(update={"name": "a"}), "test").path / "config.json").write_text("{")
    assert find_trained(made, 0, table, fingerprint) == run


@pytest.mark.slow
def test_an_ensemble_waits_for_the_runs_of_its_members_and_is_made_once(table, fingerprint, monkeypatch, capsys):
    calls = call_here(monkeypatch, capsys)
    do(table, "a", fingerprint, 0)
    with pytest.raises(InputError, match="It needs 2 runs of the row a, but this workspace has 1"):
        do(table, "m", fingerprint)
    do(table, "a", fingerprint, 1)
    _, entry = do(table, "m", fingerprint)
    assert [member["weight"] for member in entry["members"]] == [1, 1]
    assert do(table, "m", fingerprint)[1]["run_id"] == entry["run_id"]
    assert calls == ["ensemble"]
    assert [run.run_id for run in find_runs(table.rows["m"], table, fingerprint)] == [entry["run_id"]]


def taught(name, setting):
    return row(name).replace("set = {", f"set = {{ {setting},")


@pytest.mark.parametrize("setting", ['teacher = "a seed 1"', 'init = "run:a seed 1"'])
def test_a_run_learns_from_its_rows_own_run_and_not_from_another_of_that_title(tmp_path, fingerprint, setting):
    table = write_file(tmp_path, row("a", more="seeds = [0, 1]\n"), taught("s", setting))
    other = make_dataset(tmp_path / "other", "other")
    stranger = create_run(table.rows["a"].config(1).model_copy(update={"dataset": other.name}), "test")
    train_run(stranger, Stop())
    with pytest.raises(
        InputError, match=r"1 run of the row a, but this workspace has 0\. .* `fer results run --again --only a`"
    ):
        do(table, "s", fingerprint, 0)
    right = do(table, "a", fingerprint, 1)[0].run
    job, entry = do(table, "s", fingerprint, 0)
    assert right.run_id in (job.run.config.teacher, job.run.config.init.removeprefix("run:"))
    assert (stranger.title, do(table, "s", fingerprint, 0)[1]) == (right.title, entry)


@pytest.mark.slow
def test_an_evaluation_scores_the_run_of_its_seed_with_its_views(table, fingerprint, monkeypatch, capsys):
    calls = call_here(monkeypatch, capsys)
    runs = {seed: do(table, "a", fingerprint, seed)[0].run for seed in (0, 1)}
    _, entry = do(table, "e", fingerprint, 1)
    assert (entry["run_id"], list(entry["scores"]), calls) == (runs[1].run_id, ["test"], ["evaluate"])
    assert entry["command"] == "fer evaluate 'a seed 1' --dataset tiny --split test --views one"


@pytest.mark.slow
def test_a_run_stopped_while_it_trains_is_halted_and_goes_on(table, fingerprint, monkeypatch):
    job = Job(table.rows["a"], 0)
    monkeypatch.setattr("fer_core.studies.results.job.start_trainer", lambda run, lane: train_run(run, Stop(after=3)))
    with pytest.raises(Halted, match="resume continues from its last checkpoint"):
        WORK["train"](job, table, fingerprint)
    monkeypatch.setattr("fer_core.studies.results.job.start_trainer", lambda run, lane: train_run(run, Stop()))
    assert do(table, "a", fingerprint, 0)[0].run == job.run


def test_a_job_that_is_to_stop_begins_no_process(table, fingerprint):
    job = Job(table.rows["a"], 0)
    job.stop("enough")
    with pytest.raises(Halted, match="enough"):
        WORK["train"](job, table, fingerprint)
    with pytest.raises(Halted, match="enough"):
        job.call(["presets"])


def test_trainings_in_different_lanes_share_a_device(table, fingerprint, workspace):
    def do_nothing(run, stop, ranks):
        return "done"

    run = create_run(table.rows["a"].config(0), "test")
    with FileLock(workspace / "runs" / ".slot-cpu.lock"):
        assert train_run(run, Stop(), work=do_nothing, lane=1) == "finished"


@pytest.mark.slow
def test_a_command_is_called_in_a_process_of_its_own_and_its_sentence_handed_on():
    assert Job(None, None).call(["presets"])[0]["name"] == "quick"
    with pytest.raises(InputError, match=r"^There is no run 'none'"):
        Job(None, None).call(["evaluate", "none"])


def test_scores_are_those_of_the_head_and_of_what_they_are_compared_with(tmp_path):
    table = write_file(tmp_path, row("l", "evaluate"), row("p", "evaluate", 'head = "people"\nagainst = "votes"\n'))
    report = {"head": "labels", "n": 2, "accuracy": 0.5, "people": {"head": "people", "n": 2, "accuracy": 0.1,
              "against_votes": {"n": 1, "accuracy": 1.0}}}  # fmt: skip
    labels, people = (table.rows[name] for name in ("l", "p"))
    assert pick_scores(report, labels, "x") == {"n": 2, "accuracy": 0.5}
    assert pick_scores(report, people, "x") == {"n": 1, "accuracy": 1.0}
    with pytest.raises(InputError, match="x has no people head"):
        pick_scores({"n": 2}, people, "x")
    with pytest.raises(InputError, match="x has no faces with votes"):
        pick_scores({"head": "people", "n": 2}, people, "x")


def test_pauses_are_no_time_of_training(tmp_path):
    class Stopped:
        members, exit = (), None

        def metrics(self):
            return [SimpleNamespace(time=t) for t in (100.0, 101.0, 102.5, 9000.0, 9010.0)]

    assert measure_seconds(Stopped()) == 12.5
