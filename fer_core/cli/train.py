"""Commands that train: `fer train`, `submit`, `jobs`, `stop`, `resume`, `lr-range`, and `dashboard`."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from fer_core.base.project import ROOT
from fer_core.cli.output import AsJson, print_json, print_table, progress_line

DatasetOption = Annotated[str, typer.Option(help="an assembled data set")]
ModelOption = Annotated[str | None, typer.Option(help="architecture")]
EpochsOption = Annotated[int | None, typer.Option(help="passes over the training faces")]
SeedOption = Annotated[int | None, typer.Option(help="of first weights, order and augmentation")]
NameOption = Annotated[str | None, typer.Option(help="a name for people")]
PresetOption = Annotated[str | None, typer.Option(help="a named training, such as quick or compact")]
WhereOption = Annotated[Literal["local", "slurm"], typer.Option("--on", help="this machine, or a cluster")]
SeedsOption = Annotated[str | None, typer.Option(help="a run for each, such as 0,1,2, in place of --seed")]
PartitionOption = Annotated[str | None, typer.Option(help="of Slurm")]
TimeOption = Annotated[int | None, typer.Option("--time", help="minutes of one Slurm job", min=3)]
GpusOption = Annotated[int | None, typer.Option(help="of one Slurm job", min=0)]
CpusOption = Annotated[int | None, typer.Option(help="of one Slurm job", min=1)]
MemoryOption = Annotated[float | None, typer.Option(help="of one Slurm job, GB", min=0.1)]
ParallelOption = Annotated[int | None, typer.Option(help="most runs of --seeds at a time on Slurm", min=1)]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="field=value, any field of the config; again for each")
]


def train(
    dataset: DatasetOption,
    model: ModelOption = None,
    epochs: EpochsOption = None,
    seed: SeedOption = None,
    name: NameOption = None,
    preset: PresetOption = None,
    set_: SetOption = None,
) -> None:
    """Train here and now, with a line an epoch; Ctrl-C stops it with a checkpoint."""
    from fer_core.runners.follow import train_in_foreground
    from fer_core.runs.create import command_line, create_run

    run = create_run(_config(dataset, model, epochs, seed, name, preset, set_), command_line())
    print(f"run {run.run_id}", flush=True)
    raise typer.Exit(train_in_foreground(run))


def submit(
    dataset: DatasetOption,
    model: ModelOption = None,
    epochs: EpochsOption = None,
    seed: SeedOption = None,
    name: NameOption = None,
    preset: PresetOption = None,
    set_: SetOption = None,
    seeds: SeedsOption = None,
    where: WhereOption = "local",
    partition: PartitionOption = None,
    time: TimeOption = None,
    gpus: GpusOption = None,
    cpus: CpusOption = None,
    memory_gb: MemoryOption = None,
    parallel: ParallelOption = None,
    json: AsJson = False,
) -> None:
    """Queue a training in the background and return: here, or on Slurm (several as one job array)."""
    from fer_core.runners import submit as runner
    from fer_core.runs.absent import explain_absent, read_absent
    from fer_core.runs.create import command_line
    from fer_core.runs.masks import describe_masks

    asked = {
        "partition": partition, "time_min": time, "gpus": gpus, "cpus": cpus, "memory_gb": memory_gb,
        "parallel": parallel,
    }  # fmt: skip
    configs = _seeded(_config(dataset, model, epochs, seed, name, preset, set_), seeds)
    runs = runner.submit_all(configs, command_line(), slurm_options(where, asked))
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
    """The runs that train or wait."""
    from fer_core.jobs.state import State
    from fer_core.runs.run import list_runs, split_metrics

    rows: list[dict[str, Any]] = []
    for run in list_runs():
        state = run.state
        if state.is_active or state is State.LOST:
            epochs, progress = split_metrics(run.metrics())
            rows.append(
                {
                    "run_id": run.run_id,
                    "state": state.value,
                    "device": run.device,
                    "slurm_job": (run.slurm or {}).get("job_id"),
                    "epoch": len(epochs),
                    "n_epochs": run.config.epochs,
                    "eta_s": progress["eta_s"] if progress and state is State.RUNNING else None,
                }
            )
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
    """Stop a run with a checkpoint, or take it out of the queue."""
    from fer_core.runners.follow import stop_and_wait
    from fer_core.runs.run import get_run

    print(stop_and_wait(get_run(run_id)))


def resume(run_id: str) -> None:
    """Queue a stopped, failed or lost run, to go on from its checkpoint."""
    from fer_core.runners import submit as runner
    from fer_core.runs.run import get_run

    run = get_run(run_id)
    runner.resume(run)
    print(f"{run.run_id} is queued on {describe_place(run)}.")


def lr_range(
    dataset: DatasetOption,
    model: ModelOption = None,
    seed: SeedOption = None,
    preset: PresetOption = None,
    set_: SetOption = None,
    first: Annotated[float, typer.Option("--from", help="lowest learning rate")] = 1e-5,
    last: Annotated[float, typer.Option("--to", help="highest learning rate")] = 1.0,
    steps: Annotated[int, typer.Option(help="batches, one at each rate")] = 100,
    json: AsJson = False,
) -> None:
    """Find a learning rate: raise it step by step and see where the loss falls and where it is lost."""
    from dataclasses import asdict

    from fer_core.runs.create import command_line
    from fer_core.studies.lr_range import Sweep
    from fer_core.studies.lr_range_job import create_lr_range, run_lr_range

    config = _config(dataset, model, None, seed, None, preset, set_)
    run = create_lr_range(config, command_line(), Sweep(first, last, steps))
    result = run_lr_range(run, progress_line())
    if json:
        print_json(asdict(result))
    else:
        print(result.sentence)


def dashboard(port: Annotated[int, typer.Option(help="on 127.0.0.1")] = 8501) -> None:
    """Start the dashboard in this terminal; Ctrl-C ends it and leaves trainings at work."""
    from fer_core.base.workspace import home

    root = ROOT
    os.environ["FER_CWD"] = str(Path.cwd())  # where the paths start from that a person types into the pages
    os.environ["FER_HOME"] = str(home())  # before the folder changes: streamlit reads its settings from the project's
    os.chdir(root)
    streamlit = [sys.executable, "-m", "streamlit", "run", str(root / "dashboard" / "app.py")]
    os.execv(sys.executable, [*streamlit, "--server.address", "127.0.0.1", "--server.port", str(port)])


def start_demo() -> None:
    """On a machine with no data set yet: draw the demo faces and queue a first short training on them."""
    from fer_core.datasets.assembling.demo import make_demo
    from fer_core.datasets.dataset import dataset_names
    from fer_core.runners import submit as runner
    from fer_core.runs.config import build_config
    from fer_core.runs.presets import recipe_values
    from fer_core.runs.run import list_runs

    if not dataset_names():
        print(f"Drew {make_demo(progress=progress_line()).info['n']:,} demo faces.")
    if "demo" in dataset_names() and not list_runs():
        run = runner.submit(build_config({"dataset": "demo", **recipe_values("quick")}), "fer start-demo")
        print(f"Queued a first short training on them: {run.run_id}.")


def describe_place(run: Any) -> str:
    """The device whose queue the run stands in, or its Slurm job."""
    return f"Slurm as job {run.slurm['job_id']}" if run.slurm else run.device


def slurm_options(where: str, asked: dict[str, Any]) -> Any:
    """What Slurm is asked for; None on this machine, for which nothing can be asked."""
    from fer_core.errors import InputError
    from fer_core.runners.slurm import SlurmOptions

    given = {name: value for name, value in asked.items() if value is not None}
    if where == "slurm":
        return SlurmOptions(**given)
    if given:
        raise InputError(f"{', '.join(given)}: only Slurm can be asked for that. Add --on slurm.")
    return None


def _seeded(config: Any, seeds: str | None) -> list[Any]:
    """The config, or one of it for each of the comma-separated seeds, named after it."""
    from fer_core.runs.config import build_config

    if seeds is None:
        return [config]
    values = {**config.model_dump(), "name": config.name or config.model}
    return [
        build_config({**values, "seed": seed.strip(), "name": f"{values['name']} seed {seed.strip()}"})
        for seed in seeds.split(",")
    ]


def _config(
    dataset: str,
    model: str | None,
    epochs: int | None,
    seed: int | None,
    name: str | None,
    preset: str | None,
    settings: list[str] | None,
) -> Any:
    from fer_core.runs.config import build_config, parse_settings
    from fer_core.runs.presets import recipe_values

    values = recipe_values(preset) if preset else {}
    flags = {"dataset": dataset, "model": model, "epochs": epochs, "seed": seed, "name": name or preset}
    values.update({field: value for field, value in flags.items() if value is not None})
    return build_config({**values, **parse_settings(settings or [])})
