"""`fer data correct | undo | corrections | suspects | agreement`: labels and what is laid over them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from fer_core.cli.output import AsJson, print_json, print_table
from fer_core.wording import percent

_AGAIN = "They count once the data set is assembled again: fer data again {}"


def correct(
    name: str,
    face_id: Annotated[str, typer.Argument(help="such as 'fer2013:row 17'")] = "",
    expression: Annotated[str, typer.Argument(help="one of the seven, or drop to leave the face out")] = "",
    pseudo: Annotated[Path | None, typer.Option(help="a CSV of path, label and, where known, confidence")] = None,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="least confidence that is taken from --pseudo")] = 0.0,
) -> None:
    """Correct the label of one face of the data set NAME, or of many by a file of pseudo-labels."""
    from fer_core.corrections.log import open_log, this_person
    from fer_core.corrections.make import correct_face, read_pseudo_labels
    from fer_core.data.dataset import open_dataset
    from fer_core.errors import InputError

    dataset, log = open_dataset(name), open_log(name)
    if bool(pseudo) == bool(face_id and expression):
        raise InputError("Give either a face and its expression, or --pseudo FILE.")
    if pseudo is None:
        made = correct_face(dataset, log, face_id, expression, this_person())
        print(f"{made.correction_id}: {made.face_id}, {made.before} -> {made.expression}. {_AGAIN.format(name)}")
        table = dataset.table
        is_held = (table.loc[table["face_id"] == made.face_id, "split"] != "train").any()
        if is_held and dataset.info["recipe"].get("relabel", "train") == "train":
            print("It is no training face, and is held back unless the data set is assembled with --relabel all.")
        return
    found = read_pseudo_labels(dataset, log, pseudo.expanduser(), threshold, this_person())
    print(
        f"{found.n_rows:,} rows: {len(found.corrections):,} change a label, {found.n_same:,} agree with it, "
        f"{found.n_unsure:,} are below the threshold, {found.n_outside:,} outside the seven, "
        f"{found.n_unknown:,} name no face"
    )
    if found.corrections:
        act = log.add(found.corrections)[0].act
        print(f"{act}: {len(found.corrections):,} corrections (fer data undo {name} {act} takes them back).")
        print(_AGAIN.format(name))


def undo(
    name: str,
    correction: Annotated[
        str,
        typer.Argument(
            help="the id that fer data corrections lists, such as 3f2a91c0.2; the part before the point alone, "
            "3f2a91c0, takes back all that were made together"
        ),
    ],
) -> None:
    """Take back a correction of the data set NAME, or all that were made together; what held before holds again."""
    from fer_core.corrections.log import open_log, this_person

    n = open_log(name).undo(correction, this_person())
    print(f"{n:,} corrections are undone. {_AGAIN.format(name)}")


def corrections(
    name: str,
    csv: Annotated[Path | None, typer.Option(help="write them into this file instead")] = None,
    json: AsJson = False,
) -> None:
    """The corrections of the data set NAME that stand, in the order in which they are laid over."""
    from fer_core.corrections.log import open_log, to_table
    from fer_core.data.dataset import open_dataset

    log = open_log(name)
    if not log.path.is_file():
        open_dataset(name)  # else a misspelt name would pass for one without corrections
    table = to_table(log.standing.values())
    if csv:
        table.to_csv(csv.expanduser(), index=False)
        print(f"{len(table):,} corrections in {csv}")
    elif json:
        print_json(table.astype(object).where(table.notna(), None).to_dict("records"))
    elif table.empty:
        print("No correction yet. Make one with fer data correct, or on the Review page.")
    else:
        shown = table[["correction_id", "face_id", "before", "expression", "kind", "who", "when"]]
        print_table(list(shown), shown.to_numpy().tolist())


def suspects(
    name: str,
    kfold: Annotated[str, typer.Option(help="a finished cross-validation of this data set (fer kfold list)")],
    accept_below: Annotated[
        float, typer.Option(min=0, max=1, help="correct those whose label quality is below this, as suggested")
    ] = 0.0,
    n: Annotated[int, typer.Option("--n", min=1, help="how many to print")] = 20,
    json: AsJson = False,
) -> None:
    """Labels that out-of-fold probabilities doubt, the least credible first; corrected faces are left out."""
    from fer_core.corrections.log import open_log, this_person
    from fer_core.corrections.suspects import accept_suspects, find_suspects
    from fer_core.data.dataset import open_dataset
    from fer_core.kfold import get_group

    group, log = get_group(kfold), open_log(name)
    found = find_suspects(open_dataset(name), group)
    found = found[~found["face_id"].isin({c.face_id for c in log.standing.values()})]
    accepted = found[found["quality"] < accept_below]
    if len(accepted):
        log.add(accept_suspects(accepted, group, this_person()))
    columns = ["face_id", "split", "expression", "suggested", "quality", "confidence"]
    if json:
        document = {"dataset": name, "kfold": group.group_id, "n": len(found), "n_accepted": len(accepted)}
        print_json({**document, "suspects": found[columns].to_dict("records")})
        return
    print(f"{len(found):,} labels are suspected, {len(accepted):,} corrected as suggested.")
    print_table(columns, found[columns].head(n).round(4).to_numpy().tolist())
    if len(accepted):
        print(_AGAIN.format(name))


def agreement(name: str, json: AsJson = False) -> None:
    """How the source's labels agree with the votes of several people (FER+), by class."""
    from fer_core.corrections.agreement import compare_with_votes
    from fer_core.data.dataset import open_dataset
    from fer_core.labels import EXPRESSIONS

    found = compare_with_votes(open_dataset(name))
    if json:
        print_json(found)
        return
    print(f"{percent(found['agreement'])} of {found['n']:,} faces are called what most votes say.")
    print("outside the seven: " + (", ".join(f"{n:,} {what}" for what, n in found["outside"].items()) or "none"))
    rows = [
        (c["expression"], *counts, percent(c["agreement"]), _bits(c["entropy_bits"]))
        for c, counts in zip(found["classes"], found["table"], strict=True)
    ]
    print_table(("labelled \\ voted", *EXPRESSIONS, "agree", "entropy, bits"), rows)


def print_labels(info: dict[str, Any]) -> None:
    """What votes and corrections changed; nothing where they changed nothing."""
    labels = info["labels"]
    for kind in labels["by_kind"]:
        print(f"labels by {kind['kind']}: {kind['changed']:,} changed, {kind['dropped']:,} faces dropped")
    if labels["n_held_back"]:
        print(f"  {labels['n_held_back']:,} more are not training faces and stay (--relabel all changes them too)")
    if labels["n_not_found"]:
        print(f"  {labels['n_not_found']:,} corrections find no face here")
    for change in labels["from_to"]:
        print(f"  {change['from']} -> {change['to']} {change['n']:,}")


def _bits(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
