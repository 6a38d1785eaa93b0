"""`fer results run | table`: run the rows of docs/results.toml and write them to docs/results.md."""

from typing import TYPE_CHECKING, Annotated

import typer

from fer_core.cli.group import make_group
from fer_core.cli.output import AsJson, print_json, print_table, progress_line
from fer_core.cli.rows import DataOption, SourceOption, TableOption, catch_interrupts, read_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_core.studies.results.records import Record

app = make_group("The table of results: run its rows, write it.")


@app.command()
def run(
    only: Annotated[
        list[str] | None,
        typer.Option(help="name of a row, including rows that are not run by default; may be repeated"),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            help=(
                "time for the whole call, for example 9m. Rows that cannot finish in time are not started; running "
                "rows are stopped with a checkpoint, which may take another 20 s"
            )
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(help="parallel runs on one device", min=1, max=64)] = 1,
    data: DataOption = None,
    source: SourceOption = None,
    again: Annotated[
        bool, typer.Option("--again", help="measure finished rows again, without training their runs again")
    ] = False,
    file: TableOption = None,
    json: AsJson = False,
) -> None:
    """Assemble missing data sets, then train and score the unfinished rows, in the order of the file."""
    from fer_core.studies.results.durations import parse_duration
    from fer_core.studies.results.places import find_places
    from fer_core.studies.results.run import Options, Runner, is_done
    from fer_core.studies.results.table_file import read_table_file

    budget_s = None if budget is None else read_option("--budget", parse_duration, budget)
    table = read_table_file(file)
    places = find_places(table.sources, data, source or [])
    options = Options(only=only or [], again=again, budget_s=budget_s, jobs=jobs, places=places)
    runner = Runner(table, options, lambda line: print(line, flush=True), progress_line())
    with catch_interrupts(runner.interrupt):
        records = runner.run()
    _print_records(records, json)
    asked = [r for r in records if not table.rows[r.row].why_not or r.row in options.only]
    raise typer.Exit(0 if is_done(asked) else 1)


def _print_records(records: "Sequence[Record]", as_json: bool) -> None:
    if as_json:
        print_json([{"row": r.row, "state": r.state, "why": r.why, "results": list(r.counted)} for r in records])
    else:
        print_table(("row", "state", "why"), [(r.row, r.state, r.why) for r in records])


@app.command()
def table(file: TableOption = None) -> None:
    """Write the document from the rows' files: figures, curves and confusion matrices. Same files, same document."""
    from fer_core.studies.results.table import write_table
    from fer_core.studies.results.table_file import read_table_file

    for path in write_table(read_table_file(file)):
        print(path)
