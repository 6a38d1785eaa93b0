"""`fer kfold ...`: cross-validation."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fer_core.base.text import count_of, percent
from fer_core.cli.group import make_group
from fer_core.cli.options import DatasetOption, NamedTraining, Yes, grouped
from fer_core.cli.output import AsJson, describe_unreadable, print_json, print_table, print_unreadable
from fer_core.errors import InputError

app = make_group("Cross-validation: start (with --dataset), show, list, stop, resume, delete.")


@dataclass(frozen=True, kw_only=True)
class Folded(NamedTraining):
    """Options of the run of each fold; the commands of a group take none of them."""

    dataset: DatasetOption = ""


@app.callback(invoke_without_command=True)
@grouped
def kfold(
    context: typer.Context,
    training: Folded,
    folds: Annotated[int, typer.Option(help="number of folds")] = 5,
    json: AsJson = False,
) -> None:
    """Queue a run for each fold of the train and val faces; the test faces are the same for all folds."""
    if context.invoked_subcommand:
        if json:
            raise InputError(f"Put --json after the command: fer kfold {context.invoked_subcommand} ... --json")
        return
    from fer_core.runs.create import command_line
    from fer_core.studies.kfold import start_folds

    group = start_folds(training.config(folds=folds), command_line())
    if json:
        print_json({"group": group.group_id, "run_ids": [run.run_id for run in group.runs]})
        return
    print(f"{group.group_id}: {count_of(folds, 'run')} queued. Watch them with fer kfold show {group.group_id}")


@app.command()
def show(group_id: str, json: AsJson = False) -> None:
    """Show the mean and standard deviation over the finished folds, and the path of the out-of-fold probabilities."""
    from fer_core.runs.groups import get_group
    from fer_core.studies.kfold_scores import format_spread, summarise_group

    document = summarise_group(get_group(group_id))
    if json:
        print_json(document)
        return
    print(f"{document['title']} on {document['dataset']}: {document['n_finished']} of {document['folds']} folds done")
    runs = [
        (r["fold"], r["run_id"], r["state"], percent(r["val_accuracy"]), percent(r["test_accuracy"]))
        for r in document["runs"]
    ]
    print_table(("fold", "run", "state", "left-out fold", "test"), runs)
    val, test = document["scores"]["val"], document["scores"]["test"]
    rows = [(name, format_spread(val[name], name), format_spread(test.get(name), name)) for name in val]
    print_table(("mean ± std", "left-out fold", "test"), rows)
    print(f"out-of-fold probabilities: {document['out_of_fold'] or 'once all folds have finished'}")


@app.command("list")
def list_(json: AsJson = False) -> None:
    """List all cross-validations, newest first."""
    from fer_core.studies.kfold_scores import format_spread, list_damaged_groups, summarise_groups

    rows, damaged = summarise_groups(), list_damaged_groups()
    if json:
        print_json([*rows, *describe_unreadable(damaged, "group")])
        return
    if not rows and not damaged:
        print("No cross-validations yet. Start one with fer kfold --dataset demo --preset quick.")
    if rows:
        shown = [
            (
                r["group"],
                r["dataset"],
                f"{r['n_finished']}/{r['folds']}",
                format_spread(r["scores"]["val"].get("accuracy"), "accuracy"),
            )
            for r in rows
        ]
        print_table(("group", "dataset", "folds", "accuracy"), shown)
    print_unreadable(damaged)


@app.command()
def stop(group_id: str) -> None:
    """Stop the training and queued runs of a group."""
    from fer_core.runs.groups import get_group
    from fer_core.studies.kfold import stop_group

    print(f"{count_of(stop_group(get_group(group_id)), 'run')} removed from the queue or stopping.")


@app.command()
def resume(group_id: str) -> None:
    """Queue the stopped, failed and lost runs of a group again."""
    from fer_core.runs.groups import get_group
    from fer_core.studies.kfold import resume_group

    print(f"{count_of(resume_group(get_group(group_id)), 'run')} queued.")


@app.command()
def delete(group_id: str, yes: Yes = False) -> None:
    """Delete a group with its runs and its out-of-fold probabilities."""
    from fer_core.runs.groups import get_group
    from fer_core.studies.kfold import delete_group

    group = get_group(group_id)
    if not yes:
        typer.confirm(f"Delete {group.group_id} and its {count_of(len(group.runs), 'run')}?", abort=True)
    delete_group(group)
    print(f"{group.group_id} is deleted.")
