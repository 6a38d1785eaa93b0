"""A row's command can be called as it stands: it names runs by the titles that the other rows' commands give them."""

import shlex

import pytest

from fer_core.runs.find import get_run
from fer_core.studies.results.commands import tell_command
from fer_core.studies.results.lines import read_rows
from fer_core.studies.results.records import Record, describe_row, write_record
from tests.helpers.command import call
from tests.helpers.samples import make_dataset
from tests.helpers.tables import entry, row, write_file


@pytest.fixture
def table(tmp_path):
    return write_file(
        tmp_path,
        row("a", more="seeds = [0, 1]\n"),
        row("b", more="seeds = [3]\n"),
        row("m", "ensemble", 'members = ["a", "b"]\ngreedy = true\n'),
        row("e", "evaluate", 'of = "a"\nsplits = ["test"]\n'),
        row("f", "evaluate", 'of = "m"\nsplits = ["test"]\n'),
        row("z"),
    )


@pytest.mark.parametrize(
    ("name", "seed", "command"),
    [
        ("m", None, "fer ensemble 'a seed 0' 'a seed 1' b --name m --greedy"),
        ("e", 0, "fer evaluate 'a seed 0' --dataset tiny --split test"),
        ("e", 1, "fer evaluate 'a seed 1' --dataset tiny --split test"),
        ("e", None, "fer evaluate 'a seed 0' --dataset tiny --split test"),
        ("f", None, "fer evaluate m --dataset tiny --split test"),
    ],
)
def test_a_command_names_the_runs_of_other_rows_by_their_titles(table, name, seed, command):
    assert tell_command(table.rows[name], seed, table.rows) == command


def test_a_training_is_named_where_another_row_asks_for_it(table):
    assert "--seed 1 --name 'a seed 1' " in tell_command(table.rows["a"], 1, table.rows)
    assert "--seed 3 --name b " in tell_command(table.rows["b"], None, table.rows)
    assert "--name" not in tell_command(table.rows["z"], None, table.rows)


def test_the_command_of_a_measured_run_is_that_of_its_row_as_long_as_the_row_is_the_same(table, tmp_path):
    spec = describe_row(table.rows["e"], table)
    write_record(
        table.folder,
        Record(
            row="e", kind="evaluate", state="done", why="", spec=spec, results=(entry(1, command="fer evaluate a"),)
        ),
    )
    assert read_rows(table)[3].lines[0].command == "fer evaluate 'a seed 1' --dataset tiny --split test"
    spec = {**spec, "views": "wide"}
    write_record(
        table.folder,
        Record(
            row="e", kind="evaluate", state="done", why="", spec=spec, results=(entry(1, command="fer evaluate a"),)
        ),
    )
    assert read_rows(table)[3].lines[0].command == "fer evaluate a"


@pytest.mark.slow
def test_the_commands_of_the_table_can_be_called_one_after_the_other(table, tmp_path, capsys):
    make_dataset(tmp_path)
    for name, seed in (("a", 0), ("a", 1), ("b", 3), ("m", None), ("e", 1), ("f", None)):
        arguments = shlex.split(tell_command(table.rows[name], seed, table.rows))[1:]
        code, _, err = call(capsys, *arguments)
        assert code == 0, err
    assert len(get_run("m").info.candidates) == 3
