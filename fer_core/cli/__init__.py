"""The command line `fer`. Commands import what they need when they run: `fer --help` answers at once."""

import sys

from fer_core.cli import (
    bench,
    dashboard,
    data,
    ensemble,
    extend,
    gpu,
    kfold,
    photo,
    presets,
    queue,
    results,
    runs,
    search,
    train,
)
from fer_core.cli.group import make_group
from fer_core.errors import InputError

app = make_group("Facial-expression-recognition experiments: assemble data sets, train, evaluate, explain.")
app.add_typer(data.app, name="data")
app.add_typer(runs.app, name="runs")
app.add_typer(search.app, name="search")
app.add_typer(bench.app, name="bench")
app.add_typer(kfold.app, name="kfold")
app.add_typer(results.app, name="results")
app.add_typer(gpu.app, name="gpu")
for command in (
    presets.presets,
    train.train,
    queue.submit,
    queue.jobs,
    queue.stop,
    queue.resume,
    extend.extend,
    runs.evaluate,
    ensemble.ensemble,
    photo.predict,
):
    app.command()(command)
app.command("recipes", hidden=True)(presets.presets)  # its name in version 0.1
app.command()(dashboard.dashboard)
app.command("lr-range")(train.lr_range)
app.command("start-demo")(dashboard.start_demo)


def main() -> None:
    """Runs the command; exit code 2 and a sentence on stderr for wrong input, 1 for a failure."""
    try:
        app(prog_name="fer")
    except InputError as error:
        print(f"fer: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(f"fer: {error}. Check the path and its permissions.", file=sys.stderr)
        sys.exit(1)
