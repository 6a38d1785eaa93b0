"""`fer runs ...` and `fer evaluate`: list, score, export and delete runs."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fer_core.base.text import count_of, percent
from fer_core.cli.group import make_group
from fer_core.cli.options import Yes
from fer_core.cli.output import AsJson, describe_unreadable, print_json, print_table, print_unreadable
from fer_core.errors import InputError
from fer_core.models.heads import Head
from fer_core.models.preprocess import Views

if TYPE_CHECKING:
    from fer_core.runs.report import SplitReport

app = make_group("Runs: list, show, export, card, delete.")


@app.command("list")
def list_(json: AsJson = False) -> None:
    """List all runs, newest first."""
    from fer_core.runs.find import list_unreadable_runs
    from fer_core.runs.summary import summarise_runs

    rows, damaged = summarise_runs(), list_unreadable_runs()
    if json:
        print_json([*map(asdict, rows), *describe_unreadable(damaged, "run_id")])
        return
    if not rows and not damaged:
        print("No runs yet. Start one with fer submit --dataset demo --preset quick.")
    if rows:
        columns = ("run_id", "state", "model", "dataset", "epoch")
        scores = ("val_accuracy", "accuracy", "accuracy_without_copies")
        shown = [(*(getattr(row, c) for c in columns), *(percent(getattr(row, s)) for s in scores)) for row in rows]
        print_table((*columns, *scores), shown)
    print_unreadable(damaged)


@app.command()
def show(run_id: str, json: AsJson = False) -> None:
    """Show one run: state, config, epochs, scores."""
    from fer_core.base.files import read_json
    from fer_core.runs.absent import explain_absent, read_absent
    from fer_core.runs.diagnosis import diagnose
    from fer_core.runs.find import get_run
    from fer_core.runs.run import split_metrics

    run = get_run(run_id)
    epochs, _ = split_metrics(run.metrics())
    absent = explain_absent(read_absent(run))
    diagnosis = diagnose(epochs, run.config, absent)
    report = run.report
    document = {
        **read_json(run.path / "run.json"),
        "state": run.state.value,
        "exit": run.exit.document() if run.exit else None,
        "config": run.config.model_dump(),
        "epochs": [line.to_document() for line in epochs],
        "diagnosis": diagnosis.to_dict(),
        "report": report and {split: scores.to_document() for split, scores in report.items()},
    }
    if json:
        print_json(document)
        return
    print(f"{run.run_id}: {run.state}")
    if run.exit:
        print(run.exit.message)
    if run.members:
        print_table(("member", "model", "weight"), [(m.run_id, m.model, m.weight) for m in run.members])
    else:
        print(f"{diagnosis.verdict}: {diagnosis.sentence}")
        print_table(("field", "value"), [(f, str(value)) for f, value in run.config.model_dump().items()])
    if absent and run.members:
        print(absent)
    for split, scores in (report or {}).items():
        print_scores(split, scores)
        if scores.people:
            print_scores(f"{split}, people head", scores.people)


@app.command()
def delete(run_id: str, yes: Yes = False) -> None:
    """Delete a run's folder."""
    from fer_core.runs.find import delete_run, get_run_to_delete

    run = get_run_to_delete(run_id)
    if not yes:
        typer.confirm(f"Delete {run.run_id} and everything in {run.path}?", abort=True)
    delete_run(run)
    print(f"{run.run_id} is deleted.")


@app.command()
def export(
    run_id: str,
    folder: Path,
    onnx: Annotated[bool, typer.Option("--onnx", help="also write model.onnx, checked against torch")] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help=("also write the epochs as TensorBoard event files"))
    ] = False,
    check_on: Annotated[
        str | None, typer.Option(help="data set whose validation faces are used for the check; default: the run's")
    ] = None,
) -> None:
    """Export a finished run's weights, scores and model card to FOLDER, for use elsewhere."""
    from fer_core.export.run import export_run
    from fer_core.runs.find import get_run

    for path in export_run(get_run(run_id), folder.expanduser(), onnx, tensorboard, check_on, print):
        print(path)


@app.command()
def card(run_id: str) -> None:
    """Print the model card of a finished run."""
    from fer_core.export.card import build_card
    from fer_core.runs.find import get_run

    print(build_card(get_run(run_id)), end="")


@app.command("add-people-head")
def add_people_head(
    run_id: str,
    json: AsJson = False,
) -> None:
    """Add a people head, which predicts what most people would say, to a finished run's network.

    It is fitted on the votes of the run's data set. An existing people head is replaced, with its part of the report.
    """
    from fer_core.runs.find import get_run
    from fer_core.training import people_head

    run = get_run(run_id)
    if run.is_bundled:
        raise InputError("The bundled network already has a people head. Name a run of your own.")
    report = people_head.add_people_head(run)
    if json:
        documents = {split: scores.to_document() for split, scores in report.items()}
        print_json({"run_id": run.run_id, "report": documents})
        return
    for split, scores in report.items():
        if scores.people:
            print_scores(f"{split}, people head", scores.people)


@app.command()
def learned(
    run_id: str,
    again: Annotated[bool, typer.Option("--again", help="rebuild the list from the run's data set")] = False,
    json: AsJson = False,
) -> None:
    """Show how many faces a run's network learned, including those of its parents and teachers."""
    from fer_core.runs.find import get_run
    from fer_core.runs.origins.lineage import find_learned, renew_learned

    run = get_run(run_id)
    found = renew_learned(run) if again else find_learned(run)
    n = len(found.faces) if found.is_known else None
    if json:
        print_json({"run_id": run.run_id, "n": n, "learned_note": found.note})
        return
    if n is not None:
        print(f"{run.run_id} was trained on {count_of(n, 'different face')}.")
    if found.note:
        print(found.note)


def evaluate(
    run_id: str,
    split: Annotated[str, typer.Option(help="train, val, test or all")] = "test",
    head: Annotated[
        Head, typer.Option(help="labels: as the data set is labelled; people: what most people would say")
    ] = "labels",
    views: Annotated[
        Views | None,
        typer.Option(help="views of a face to average instead of the run's own: one, flip, wide, ten_crop"),
    ] = None,
    dataset: Annotated[str | None, typer.Option(help="another data set than the run's")] = None,
    save: Annotated[
        bool,
        typer.Option("--save", help=("keep val and test scores for the pages after the data set was assembled again")),
    ] = False,
    json: AsJson = False,
) -> None:
    """Score a run's best weights on a split."""
    from fer_core.evaluation.evaluate import evaluate_run, rescore_run
    from fer_core.runs.absent import explain_absent
    from fer_core.runs.find import get_run

    run = get_run(run_id)
    if save:
        if dataset:
            raise InputError("--save keeps scores on the run's own data set only. Omit --dataset.")
        rescore_run(run)
    scores = evaluate_run(run, split, dataset, head, views)
    if json:
        print_json(scores.to_document())
        return
    print_scores(f"{scores.dataset} {split}, {head} head", scores)
    if scores.dataset == run.config.dataset and scores.dataset_fingerprint != run.fingerprint:
        earlier = run.fingerprint[:16]
        print(f"{run.run_id} was trained on another version of {scores.dataset} (fingerprint {earlier}).")
    if scores.absent_in_training:
        print(explain_absent(scores.absent_in_training))


def print_scores(title: str, scores: "SplitReport") -> None:
    """Prints the scores of one split; a dash where a class has no faces."""
    from fer_core.evaluation.metrics import CLASS_SCORES, class_score, say_averaged
    from fer_core.runs.report import NO_CONFUSION

    print(f"{title}: {count_of(scores.n, 'face')}")
    print(f"  accuracy {percent(scores.accuracy)}")
    for name, words in (("without_copies", "copies"), ("without_near_copies", "near copies")):
        if getattr(scores, f"n_{name}") is not None:
            n = getattr(scores, f"n_{name}")
            print(f"  accuracy without {words} in training {percent(getattr(scores, f'accuracy_{name}'))} (n = {n:,})")
    if scores.n_without_copies is None:
        print("  accuracy without copies in training: not available")
    if scores.learned_note:
        print(f"  {scores.learned_note}")
    of_f1, of_recall = say_averaged(scores)
    print(
        f"  macro F1 {percent(scores.macro_f1)} (mean of {of_f1}), "
        f"balanced accuracy {percent(scores.balanced_accuracy)} ({of_recall})"
    )
    nll = "-" if scores.nll is None else f"{scores.nll:.3f}"
    before = f" ({percent(scores.ece_before)} before calibration)" if scores.ece_before is not None else ""
    floor = (
        f", {percent(scores.ece_floor)} expected of a perfectly calibrated network"
        if scores.ece_floor is not None
        else ""
    )
    print(f"  calibration error {percent(scores.ece)}{before}{floor}, log loss {nll}")
    if not scores.confusion:
        print(f"  {NO_CONFUSION}")
    _print_parts(scores)
    fitted = scores.fitted_on
    if fitted and scores.head == "people":
        print(f"  calibrated by the {fitted.what} of {count_of(fitted.n, 'validation face')}")
    rows = [(c.expression, c.n, *(percent(class_score(c, name)) for name in CLASS_SCORES)) for c in scores.classes]
    print_table(("expression", "n", *CLASS_SCORES), rows)


def _print_parts(scores: "SplitReport") -> None:
    """Prints the scores against the votes, if the faces have any, and those of each source."""
    votes = scores.against_votes
    if votes:
        print(
            f"  against the majority of votes: accuracy {percent(votes.accuracy)} (n = {votes.n:,}), macro F1 "
            f"{percent(votes.macro_f1)}, calibration error {percent(votes.ece)}"
        )
    for row in scores.by_source:
        untaught = "" if row.learned is not False else ", whose labels the labels head was not trained on"
        print(
            f"  {row.source}{untaught}: accuracy {percent(row.accuracy)} (n = {row.n:,}), "
            f"macro F1 {percent(row.macro_f1)}"
        )
