"""`fer results`: exit codes, documents and sentences."""

import json

import pytest

from fer_core.errors import InputError
from fer_core.studies.results.work import WORK
from tests.helpers.command import call
from tests.helpers.samples import make_dataset
from tests.helpers.tables import entry, row, write_file


@pytest.fixture
def path(tmp_path, monkeypatch):
    make_dataset(tmp_path)
    monkeypatch.setitem(WORK, "train", lambda job, table, fingerprint: entry(job.seed, dataset_fingerprint=fingerprint))
    return write_file(tmp_path, row("a"), row("b", more='why_not = "two hours"\n')).path


def test_run_prints_one_document_and_exits_with_0_where_all_that_can_be_run_is_done(path, capsys):
    code, out, err = call(capsys, "results", "run", "--file", path, "--json")
    assert code == 0
    assert [(r["row"], r["state"], r["why"], len(r["results"])) for r in json.loads(out)] == [
        ("a", "done", "", 1),
        ("b", "not run", "two hours", 0),
    ]
    assert "a, seed 0: val 50.0 %, test 50.0 %" in err


def test_run_exits_with_1_where_something_is_left(path, capsys, monkeypatch):
    def fail(job, table, fingerprint):
        raise InputError("The disk is full.")

    monkeypatch.setitem(WORK, "train", fail)
    code, out, _ = call(capsys, "results", "run", "--file", path, "--only", "a")
    assert code == 1
    assert out.splitlines()[-1].split(maxsplit=3) == ["a", "not", "run", "The disk is full."]


def test_table_prints_what_it_wrote(path, capsys):
    call(capsys, "results", "run", "--file", path)
    code, out, _ = call(capsys, "results", "table", "--file", path)
    assert (code, out.split()) == (0, [str(path.with_suffix(".md")), str(path.parent / "results" / "a.svg")])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--budget", "soon"], "--budget: expected a time such as 90s, 9m or 1h30m, got 'soon'"),
        (["--only", "none"], "There is no row 'none'"),
        (["--data", "none"], "--data: the folder"),
    ],
)
def test_wrong_options_are_a_sentence_and_exit_code_2(path, capsys, options, message):
    code, out, err = call(capsys, "results", "run", "--file", path, *options)
    assert (code, out) == (2, "")
    assert message in err
