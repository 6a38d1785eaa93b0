"""`fer submit`, `jobs`, `stop` and `resume`: runs in the background."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fer_core.cli.options import NamedTraining, Place, grouped
from fer_core.cli.output import AsJson, print_json, print_table

if TYPE_CHECKING:
    from fer_core.runs.config import TrainConfig
    from fer_core.runs.run import Run


@grouped
def submit(
    training: NamedTraining,
    place: Place,
    seeds: Annotated[str | None, typer.Option(help="one run per seed, for example 0,1,2; replaces --seed")] = None,
    parallel: Annotated[
        int | None, typer.Option(help="maximum number of parallel runs of --seeds on Slurm", min=1)
    ] = None,
    json: AsJson = False,
) -> None:
    """Queue a run in the background and return: on this machine, or on Slurm (several as one job array)."""
    from fer_core.runners import submit as runner
    from fer_core.runs.absent import explain_absent, read_absent
    from fer_core.runs.create import command_line
    from fer_core.runs.masks import describe_masks

    configs = _seeded(training.config(), seeds)
    runs = runner.submit_all(configs, command_line(), place.slurm(parallel=parallel))
    absent = explain_absent(read_absent(runs[0]))
    for sentence in (absent, describe_masks(runs[0].config, runs[0].open_dataset())):
        if sentence:
            print(sentence, file=sys.stderr)
    if json:
        rows = [{"run_id": run.run_id, "state": run.state.value, "path": str(run.path)} for run in runs]
        print_json(rows if seeds else rows[0])
        return
    for run in runs:
        print(f"{run.run_id} is queued on {describe_place(run)}.")
    print("Watch with fer jobs, or in the dashboard.")


def jobs(json: AsJson = False) -> None:
    """List the runs that are training or queued."""
    from fer_core.jobs.state import State
    from fer_core.runs.find import list_runs

    rows = [_read_job(run) for run in list_runs() if run.state.is_active or run.state is State.LOST]
    if json:
        print_json(rows)
    elif not rows:
        print("No runs are training or queued. Start one with fer submit --dataset demo --preset quick.")
    else:
        shown = [
            (
                r["run_id"],
                r["state"],
                r["device"] if r["slurm_job"] is None else f"{r['device']}, Slurm job {r['slurm_job']}",
                f"{r['epoch']}/{r['n_epochs']}",
                "-" if r["eta_s"] is None else f"{r['eta_s']:.0f} s",
            )
            for r in rows
        ]
        print_table(("run", "state", "device", "epochs", "left"), shown)


def stop(run_id: str) -> None:
    """Stop a run with a checkpoint, or remove it from the queue."""
    from fer_core.runners.follow import stop_and_wait
    from fer_core.runs.find import get_run

    print(stop_and_wait(get_run(run_id)))


def resume(run_id: str) -> None:
    """Queue a stopped, failed or lost run, to continue from its checkpoint."""
    from fer_core.runners import submit as runner
    from fer_core.runs.find import get_run

    run = get_run(run_id)
    runner.resume(run)
    print(f"{run.run_id} is queued on {describe_place(run)}.")


def describe_place(run: "Run") -> str:
    """The device whose queue the run is in, or its Slurm job."""
    return f"Slurm as job {run.slurm['job_id']}" if run.slurm else run.device


def _read_job(run: "Run") -> dict[str, Any]:
    from fer_core.jobs.state import State
    from fer_core.runs.run import split_metrics

    state = run.state
    epochs, progress = split_metrics(run.metrics())
    return {
        "run_id": run.run_id,
        "state": state.value,
        "device": run.device,
        "slurm_job": (run.slurm or {}).get("job_id"),
        "epoch": len(epochs),
        "n_epochs": run.config.epochs,
        "eta_s": progress.eta_s if progress and state is State.RUNNING else None,
    }


def _seeded(config: "TrainConfig", seeds: str | None) -> "list[TrainConfig]":
    """The config, or one for each of the comma-separated seeds, with the seed in its name."""
    from fer_core.runs.config import build_config

    if seeds is None:
        return [config]
    values = {**config.model_dump(), "name": config.name or config.model}
    return [
        build_config({**values, "seed": seed.strip(), "name": f"{values['name']} seed {seed.strip()}"})
        for seed in seeds.split(",")
    ]
