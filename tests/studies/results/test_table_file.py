"""Reading results.toml: each fault is one sentence with the row and the field."""

import pytest

from fer_core.errors import InputError
from fer_core.studies.results.records import describe_row
from fer_core.studies.results.rows import TrainRow, list_seeds
from fer_core.studies.results.table_file import find_table_file, read_table_file
from tests.helpers.project import ROOT
from tests.helpers.tables import HEAD, row, write_file

PROJECT = ROOT / "docs" / "results.toml"


def test_the_projects_own_file_is_found_and_valid():
    assert find_table_file() == PROJECT
    table = read_table_file()
    assert table.rows["quick-check"].config(0).epochs == 2
    assert {"fast", "compact", "bundled", "sample-people-head", "vgg19", "joined-efficientnet"} <= set(table.rows)


def test_every_file_of_docs_results_belongs_to_a_row():
    table = read_table_file()
    assert {path.stem for path in table.folder.iterdir()} <= set(table.rows)


def test_a_row_knows_its_config_seed_by_seed(tmp_path):
    table = write_file(tmp_path, row("a", more="seeds = [3, 5]\n"), row("b", "evaluate", 'of = "a"\n'))
    made = table.rows["a"]
    assert isinstance(made, TrainRow)
    assert [(made.config(seed).seed, made.config(seed).name) for seed in (3, 5)] == [(3, "a seed 3"), (5, "a seed 5")]
    assert list_seeds(table.rows["b"], table.rows) == (3, 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("x = [", "is not valid TOML", id="no TOML"),
        pytest.param('other = "x"\n' + HEAD, "other: no such part; the parts are sources", id="unknown part"),
        pytest.param(HEAD + row("a").replace('kind = "train"', 'kind = "dance"'), "row 'a': kind: expected one of",
                     id="unknown kind"),
        pytest.param(HEAD + row("a", more='seed = 1\n'), "row 'a': seed: no such field; the fields are",
                     id="unknown field"),
        pytest.param(HEAD + row("a", more='seeds = ["x"]\n'), "row 'a': seeds.0: should be a valid integer", id="type"),
        pytest.param(HEAD + row("a", more="seeds = [1, 1]\n"), "row 'a': seeds: expected one or more different",
                     id="a seed twice"),
        pytest.param(HEAD + row("a", more='preset = "slow"\n'), "row 'a': Unknown preset 'slow'", id="unknown preset"),
        pytest.param(HEAD + row("a").replace("epochs = 1", "epochs = 0"), "row 'a': epochs: should be", id="value"),
        pytest.param(HEAD + row("a", more='deadline = "soon"\n'), "row 'a': deadline: expected a time such as 90s",
                     id="no duration"),
        pytest.param(HEAD + row("a").replace('"tiny"', '"none"'), "row 'a': dataset: expected one of tiny, got 'none'",
                     id="unknown data set"),
        pytest.param(HEAD + row("a").replace('"main"', '"side"'), "row 'a': section: expected one of", id="section"),
        pytest.param(HEAD + row("a") + row("a"), "row 'a': name: another row has it already", id="a name twice"),
        pytest.param(HEAD + row("a/b"), "'a/b' is not a valid name for a row", id="a path as a name"),
        pytest.param(HEAD + row("m", "ensemble", 'members = ["a"]\n') + row("a"),
                     "row 'm': members: expected a row above it that produces runs (none yet), got 'a'",
                     id="row below"),
        pytest.param(HEAD.replace('["fer2013"]', '["gone"]'), "dataset 'tiny': sources: expected names", id="source"),
        pytest.param(HEAD.replace('["fer2013"]\n', '["fer2013"]\nchoices = { splt = "x" }\n'),
                     "dataset 'tiny': choices: splt: no such choice", id="unknown choice"),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence_with_its_place(tmp_path, text, message):
    path = tmp_path / "results.toml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_table_file(path)
    sentence = str(error.value)
    assert message in sentence
    assert "results.toml" in sentence
    assert sentence.endswith("Correct it and try again.")
    assert len(sentence.splitlines()) == 1


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.toml does not exist"):
        read_table_file(tmp_path / "none.toml")
    with pytest.raises(InputError, match="There is no row 'x'"):
        write_file(tmp_path, row("a")).pick(["x"])


def test_a_compressed_data_set_is_of_one_above_it(tmp_path):
    small = '[dataset.small]\nof = "tiny"\n'
    table = write_file(tmp_path, head=HEAD + small)
    assert (table.datasets["small"].of, table.datasets["small"].quality) == ("tiny", 95)
    for wrong in (small.replace('"tiny"', '"none"'), small + '[dataset.smaller]\nof = "small"\n'):
        with pytest.raises(InputError, match=r"of: expected a data set defined above it \(tiny\), got"):
            write_file(tmp_path, head=HEAD + wrong)
    with pytest.raises(InputError, match="expected exactly one of sources"):
        write_file(tmp_path, head=HEAD + small + "drawn = 5\n")


def taught(teacher: str) -> str:
    return row("s").replace("set = {", f'set = {{ teacher = "{teacher}",')


def test_a_row_may_be_taught_by_runs_of_rows_above_it_which_it_then_needs(tmp_path):
    above = (row("a", more="seeds = [0, 1]\n"), row("m", "ensemble", 'members = ["a"]\n'))
    table = write_file(tmp_path, *above, taught("a seed 0, a seed 1, m, bundled"))
    assert table.rows["s"].needs == ("a", "m")
    assert table.rows["s"].config(0).teachers == ("a seed 0", "a seed 1", "m", "bundled")
    spec = describe_row(table.rows["s"], table)
    assert spec["teachers"] == [describe_row(table.rows[name], table) for name in ("a", "m")]
    with pytest.raises(InputError, match="set: teacher: expected one of a seed 0, a seed 1, got 'a'"):
        write_file(tmp_path, *above, taught("a"))
    with pytest.raises(InputError, match="set: teacher: expected a row above it"):
        write_file(tmp_path, *above, taught("z"))


def test_a_row_may_start_from_a_run_of_a_row_above_it_which_it_then_needs(tmp_path):
    def started(init: str) -> str:
        return row("s").replace("set = {", f'set = {{ init = "{init}",')

    assert write_file(tmp_path, row("a"), started("run:a")).rows["s"].needs == ("a",)
    assert write_file(tmp_path, row("a"), started("run:bundled")).rows["s"].needs == ()
    with pytest.raises(InputError, match="set: init: expected a row above it that produces runs"):
        write_file(tmp_path, row("a"), started("run:z"))
    with pytest.raises(InputError, match="set: init: expected one of a seed 0, a seed 1, got 'a'"):
        write_file(tmp_path, row("a", more="seeds = [0, 1]\n"), started("run:a"))
