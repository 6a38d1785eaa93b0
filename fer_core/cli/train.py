"""`fer train` and `fer lr-range`: training in the foreground, in this terminal."""

from typing import Annotated

import typer

from fer_core.cli.options import NamedTraining, SeedOption, Training, grouped
from fer_core.cli.output import AsJson, print_json, progress_line


@grouped
def train(training: NamedTraining) -> None:
    """Train in the foreground, with one line per epoch; Ctrl-C stops the run with a checkpoint."""
    from fer_core.runners.follow import train_in_foreground
    from fer_core.runs.create import command_line, create_run

    run = create_run(training.config(), command_line())
    print(f"run {run.run_id}", flush=True)
    raise typer.Exit(train_in_foreground(run))


@grouped
def lr_range(
    training: Training,
    seed: SeedOption = None,
    first: Annotated[float, typer.Option("--from", help="lowest learning rate")] = 1e-5,
    last: Annotated[float, typer.Option("--to", help="highest learning rate")] = 1.0,
    steps: Annotated[int, typer.Option(help="batches, one at each rate")] = 100,
    json: AsJson = False,
) -> None:
    """Find a learning rate: raise it step by step and see where the loss falls and where it diverges."""
    from dataclasses import asdict

    from fer_core.runs.create import command_line
    from fer_core.studies.lr_range import Sweep
    from fer_core.studies.lr_range_job import create_lr_range, run_lr_range

    run = create_lr_range(training.config(seed=seed), command_line(), Sweep(first, last, steps))
    result = run_lr_range(run, progress_line())
    if json:
        print_json(asdict(result))
    else:
        print(result.sentence)
