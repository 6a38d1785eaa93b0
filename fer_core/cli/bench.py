"""`fer bench ...`: the figures of docs/results.md, measured side by side in one run."""

from pathlib import Path

import typer

from fer_core.cli.output import AsJson, print_json

app = typer.Typer(help="Benchmarks: ratios measured in one run.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Benchmarks: ratios measured in one run."""


@app.command()
def assemble(csv: Path, json: AsJson = False) -> None:
    """Assemble fer2013.csv, against reading it row by row with csv and int()."""
    from fer_core.bench import bench_assemble

    document = bench_assemble(csv.expanduser())
    if json:
        print_json(document)
        return
    print(
        f"row by row {document['row_by_row_s']:.2f} s, assembled {document['assemble_s']:.2f} s, "
        f"ratio {document['ratio']:.2f}"
    )
