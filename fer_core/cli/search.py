"""`fer search ...`: hyper-parameter searches."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fer_core.base.text import percent
from fer_core.cli.group import make_group
from fer_core.cli.options import EpochsOption, Place, Training, Yes, grouped
from fer_core.cli.output import AsJson, describe_unreadable, print_json, print_table, print_unreadable

if TYPE_CHECKING:
    from fer_core.studies.search.summary import SearchSummary, TrialSummary

app = make_group("Hyper-parameter searches: start, list, show, stop, resume, delete.")

RangeOption = Annotated[
    list[str],
    typer.Option("--range", help=("learning_rate=0.01..0.3:log, epochs=5..20 or optimizer=sgd|adamw; may be repeated")),
]


@app.command()
@grouped
def start(
    name: str,
    training: Training,
    place: Place,
    range_: RangeOption,
    epochs: EpochsOption = None,
    trials: Annotated[int, typer.Option(help="number of trials")] = 20,
    seed: Annotated[int, typer.Option(help="seed of the values drawn from the ranges")] = 0,
    parallel: Annotated[
        int,
        typer.Option(help="parallel runs, one per device; on Slurm, runs that start together form a job array"),
    ] = 1,
) -> None:
    """Start a search in the background: each trial is a run, and trials that fall behind are pruned."""
    from fer_core.runs.create import command_line
    from fer_core.studies.search.start import start_search

    base = training.values(epochs=epochs)
    start_search(name, base, range_, trials, seed, command_line(), parallel, place.slurm())
    print(f"The search {name} has started. Watch it with fer search show {name}, or in the dashboard.")


@app.command("list")
def list_(json: AsJson = False) -> None:
    """List all searches, newest first."""
    from fer_core.studies.search.searches import list_unreadable_searches
    from fer_core.studies.search.summary import summarise_searches

    rows, damaged = summarise_searches(), list_unreadable_searches()
    if json:
        whole = [{key: value for key, value in row.items() if key != "trials"} for row in rows]
        print_json([*whole, *describe_unreadable(damaged, "name")])
        return
    if not rows and not damaged:
        print(
            "No searches yet. Start one with fer search start NAME --dataset demo --range learning_rate=0.001..0.1:log"
        )
    if rows:
        shown = [(r["name"], r["state"], r["dataset"], _progress(r), percent(_value(r["best"]))) for r in rows]
        print_table(("search", "state", "dataset", "trials", "best val_accuracy"), shown)
    print_unreadable(damaged)


@app.command()
def show(name: str, json: AsJson = False) -> None:
    """Show one search: state, best values, all trials."""
    from fer_core.studies.search.searches import get_search
    from fer_core.studies.search.summary import summarise_search

    summary = summarise_search(get_search(name))
    if json:
        print_json(summary)
        return
    print(f"{name}: {summary['state']}, {_progress(summary)} trials. {summary['message']}".rstrip())
    for text in summary["ranges"]:
        print(f"  {text}")
    fields = [text.split("=")[0] for text in summary["ranges"]]
    rows = [
        (
            trial["trial"],
            trial["state"],
            percent(trial["value"]),
            *(_short(trial["params"].get(field)) for field in fields),
            trial["run_id"] or trial["message"],
        )
        for trial in summary["trials"]
    ]
    print_table(("trial", "state", "val_accuracy", *fields, "run"), rows)


@app.command()
def stop(name: str) -> None:
    """Stop a search; its runs write a checkpoint first."""
    from fer_core.studies.search.searches import get_search, stop_search

    stop_search(get_search(name))
    print(f"The search {name} is stopping. Continue it with fer search resume {name}.")


@app.command()
def resume(name: str) -> None:
    """Continue a stopped, lost or failed search."""
    from fer_core.studies.search.searches import get_search, resume_search

    resume_search(get_search(name))
    print(f"The search {name} continues.")


@app.command()
def delete(name: str, yes: Yes = False) -> None:
    """Delete a search; its runs are kept."""
    from fer_core.studies.search.searches import delete_search, get_search

    search = get_search(name)
    if not yes:
        typer.confirm(f"Delete the search {name}? Its runs are kept.", abort=True)
    delete_search(search)
    print(f"The search {name} is deleted.")


def _progress(summary: "SearchSummary") -> str:
    return f"{summary['n_done']}/{summary['n_trials']}"


def _value(best: "TrialSummary | None") -> float | None:
    return best["value"] if best else None


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
