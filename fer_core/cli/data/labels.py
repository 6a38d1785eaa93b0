"""`fer data correct | undo | corrections | suspects | agreement`: labels and their corrections."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fer_core.base.text import count_of, percent
from fer_core.cli.output import AsJson, print_json, print_table
from fer_core.labels import EXPRESSIONS

if TYPE_CHECKING:
    from fer_core.datasets.corrections.log import Correction, CorrectionLog
    from fer_core.datasets.counts import LabelChange
    from fer_core.datasets.dataset import Dataset
    from fer_core.datasets.info import DatasetInfo
    from fer_core.review.pseudo import PseudoLabels

_HELD_BACK = "This is not a training face: assemble the data set with --relabel all to apply the correction."
_ONLY_SAME = "only faces whose name, pixels and label are unchanged are listed."
_AGAIN = "Corrections take effect when the data set is assembled again: fer data again {0}"


def correct(
    name: str,
    face_id: Annotated[str, typer.Argument(help="for example 'fer2013:row 17'")] = "",
    expression: Annotated[str, typer.Argument(help="one of the seven expressions, or drop to exclude the face")] = "",
    pseudo: Annotated[
        Path | None, typer.Option(help="a CSV with face_id or path, label and optionally confidence")
    ] = None,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="minimum confidence for --pseudo")] = 0.0,
    json: AsJson = False,
) -> None:
    """Correct the label of one face of the data set NAME, or of many faces from a file of pseudo-labels."""
    from fer_core.datasets.corrections.log import open_log, this_person
    from fer_core.datasets.dataset import open_dataset
    from fer_core.errors import InputError
    from fer_core.review.correct import correct_face
    from fer_core.review.pseudo import read_pseudo_labels

    dataset, log = open_dataset(name), open_log(name)
    if bool(pseudo) == bool(face_id and expression):
        raise InputError("Give either a face and its expression, or --pseudo FILE.")
    if pseudo is None:
        made = correct_face(dataset, log, face_id, expression, this_person())
        if json:
            print_json(_describe_made(dataset, [made]))
            return
        effect = _HELD_BACK if _count_held(dataset, [made]) else _AGAIN.format(name)
        print(f"{made.correction_id}: {made.face_id}, {made.before} -> {made.expression}. {effect}")
        return
    found = read_pseudo_labels(dataset, log, pseudo.expanduser(), threshold, this_person())
    added = log.add(found.corrections) if found.corrections else []
    if json:
        counts = {name: value for name, value in vars(found).items() if name != "corrections"}
        print_json({**_describe_made(dataset, added), "pseudo": counts})
        return
    _print_found(found)
    if added:
        _tell_made(dataset, added)


def _print_found(found: "PseudoLabels") -> None:
    """Prints how many rows of a file of pseudo-labels are used, and how it was read."""
    print(
        f"{count_of(found.n_rows, 'row')}: label changed {len(found.corrections):,}, same label {found.n_same:,}, "
        f"below the threshold {found.n_unsure:,}, not one of the seven expressions {found.n_outside:,}, "
        f"no such face {found.n_unknown:,}"
    )
    for note in found.notes:
        print(f"  {note}")


def undo(
    name: str,
    correction: Annotated[
        str,
        typer.Argument(
            help=(
                "the id that fer data corrections lists, for example 3f2a91c0.2; the part before the point, "
                "3f2a91c0, undoes all corrections made together"
            )
        ),
    ],
    json: AsJson = False,
) -> None:
    """Undo a correction of the data set NAME, or all corrections made together; the earlier label applies again."""
    from fer_core.datasets.corrections.log import this_person

    n = _open_list(name).undo(correction, this_person())
    if json:
        print_json({"dataset": name, "correction": correction, "n_undone": n})
        return
    print(f"{count_of(n, 'correction')} undone. {_AGAIN.format(name)}")


def corrections(
    name: str,
    csv: Annotated[Path | None, typer.Option(help="write them to this file instead")] = None,
    json: AsJson = False,
) -> None:
    """List the corrections of the data set NAME that are in effect, in the order in which they are applied."""
    from fer_core.datasets.corrections.log import to_table

    table = to_table(_open_list(name).standing.values())
    if csv:
        table.to_csv(csv.expanduser(), index=False)
        print(f"{count_of(len(table), 'correction')} in {csv}")
    if json:
        print_json(table.astype(object).where(table.notna(), None).to_dict("records"))
    elif csv:
        return
    elif table.empty:
        print("No corrections yet. Make one with fer data correct, or on the Review page.")
    else:
        shown = table[["correction_id", "face_id", "before", "expression", "kind", "who", "when"]]
        print_table(list(shown), shown.to_numpy().tolist())


def suspects(
    name: str,
    kfold: Annotated[str, typer.Option(help="a finished cross-validation of this data set (fer kfold list)")],
    accept_below: Annotated[
        float,
        typer.Option(min=0, max=1, help="apply the suggestion to labels whose probability is below this value"),
    ] = 0.0,
    n: Annotated[int, typer.Option("--n", min=1, help="number of lines to print")] = 20,
    json: AsJson = False,
) -> None:
    """List labels that out-of-fold probabilities contradict, least credible first; corrected faces are not listed."""
    from fer_core.datasets.corrections.log import open_log, this_person
    from fer_core.datasets.dataset import open_dataset
    from fer_core.review.suspects import accept_suspects, find_suspects, is_outdated
    from fer_core.runs.groups import get_group

    group, log = get_group(kfold), open_log(name)
    dataset = open_dataset(name)
    found = find_suspects(dataset, group)
    found = found[~found.face_id.isin({c.face_id for c in log.standing.values()})]
    accepted = found[found.quality < accept_below]
    made = log.add(accept_suspects(accepted, group, this_person())) if len(accepted) else []
    columns = ["face_id", "split", "expression", "suggested", "quality", "confidence"]
    if json:
        document = {"dataset": name, "kfold": group.group_id, "n": len(found), "n_accepted": len(accepted)}
        print_json({**document, "suspects": found[columns].to_dict("records")})
        return
    n_asked = sum(dataset.info.splits[split] for split in ("train", "val"))
    order = ", least credible first:" if len(found) <= n else f"; the {n:,} least credible (use --n for more):"
    print(f"suspected: {len(found):,} of {count_of(n_asked, 'label')}{order if len(found) else ''}")
    if is_outdated(dataset, group):
        print(f"  {name} was assembled again after this cross-validation: {_ONLY_SAME}")
    if len(found):
        print_table(columns, found[columns].head(n).round(4).to_numpy().tolist())
    if made:
        _tell_made(dataset, made)


def agreement(name: str, json: AsJson = False) -> None:
    """Show how far the sources' labels agree with the votes of several people (FER+), by class."""
    from fer_core.datasets.dataset import open_dataset
    from fer_core.labels import EXPRESSIONS
    from fer_core.review.agreement import compare_with_votes

    found = compare_with_votes(open_dataset(name))
    if json:
        print_json(asdict(found))
        return
    share = percent(found.agreement)
    print(f"The sources' labels equal the majority of votes for {share} of {count_of(found.n, 'face')}.")
    print("outside the seven: " + (", ".join(f"{n:,} {what}" for what, n in found.outside.items()) or "none"))
    rows = [
        (c.expression, *counts, percent(c.agreement), _bits(c.entropy_bits))
        for c, counts in zip(found.classes, found.table, strict=True)
    ]
    print_table(("source \\ votes", *EXPRESSIONS, "agree", "entropy, bits"), rows)


def print_labels(info: "DatasetInfo") -> None:
    """Prints what votes and corrections changed, if anything."""
    labels = info.labels
    for kind in labels.by_kind:
        print(f"labels by {kind.kind}: {kind.changed:,} changed, {count_of(kind.dropped, 'face')} dropped")
    if labels.n_changed_left_out:
        print(f"  of the changed faces, excluded afterwards by flags or limits: {labels.n_changed_left_out:,}")
    if labels.n_held_back:
        print(f"  validation and test faces, not applied: {labels.n_held_back:,} (--relabel all applies them too)")
    if labels.n_not_found:
        print(f"  corrections without a face here: {labels.n_not_found:,}")
    print_changes(labels.from_to)


def print_changes(from_to: "Sequence[LabelChange]") -> None:
    """Prints a table of how many faces changed from which expression to which; nothing if none did."""
    from fer_core.datasets.corrections.log import DROP

    if not from_to:
        return
    n = {(change.old, change.new): change.n for change in from_to}
    old = [expression for expression in EXPRESSIONS if any(expression == was for was, _ in n)]
    new = [expression for expression in (*EXPRESSIONS, DROP) if any(expression == to for _, to in n)]
    print_table(["  from / to", *new], [[f"  {was}", *(n.get((was, to), "") for to in new)] for was in old])


def _open_list(name: str) -> "CorrectionLog":
    """The corrections of a data set, even a deleted one; a misspelt name is refused."""
    from fer_core.datasets.corrections.log import open_log
    from fer_core.datasets.dataset import open_dataset

    log = open_log(name)
    if not log.path.is_file():
        open_dataset(name)
    return log


def _describe_made(dataset: "Dataset", made: Sequence["Correction"]) -> dict[str, object]:
    """The --json document for corrections that were written as one act."""
    from fer_core.datasets.corrections.log import to_table

    table = to_table(made)
    return {
        "dataset": dataset.name,
        "act": made[0].act if made else None,
        "n": len(made),
        "n_held_back": _count_held(dataset, made),
        "corrections": table.astype(object).where(table.notna(), None).to_dict("records"),
        "pseudo": None,
    }


def _tell_made(dataset: "Dataset", made: Sequence["Correction"]) -> None:
    """Prints what was written as one act, and how to undo it."""
    act, n_held = made[0].act, _count_held(dataset, made)
    print(f"{act}: {count_of(len(made), 'correction')} (to undo: fer data undo {dataset.name} {act}).")
    if n_held:
        print(f"  of validation and test faces, not applied unless assembled with --relabel all: {n_held:,}")
    if n_held < len(made):
        print(_AGAIN.format(dataset.name))


def _count_held(dataset: "Dataset", made: Sequence["Correction"]) -> int:
    """How many corrections the data set's recipe does not apply because their faces are not for training."""
    split = dataset.table.set_index("face_id")["split"]
    return sum(dataset.info.recipe.holds_back(split[correction.face_id]) for correction in made)


def _bits(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
