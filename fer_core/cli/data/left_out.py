"""`fer data left-out`: the faces that were excluded when assembling."""

from typing import TYPE_CHECKING, Annotated

import typer

from fer_core.cli.output import AsJson, print_json, print_table

if TYPE_CHECKING:
    from fer_core.datasets.info import DatasetInfo

_COLUMNS = ["face_id", "split", "expression", "reason"]


def show(
    name: str,
    reason: Annotated[
        str, typer.Option(help=("only faces excluded for this reason, for example copy or 'votes contempt'"))
    ] = "any",
    source: Annotated[str, typer.Option(help="only faces of this source")] = "any",
    n: Annotated[int, typer.Option("--n", min=1, help="number of faces to list")] = 20,
    json: AsJson = False,
) -> None:
    """Show which faces were read but are not in the data set NAME, and why: counts, then the faces."""
    from fer_core.datasets.assembling.left_out import (
        HEADER,
        count_left_out,
        explain_reasons,
        find_left_out,
        open_left_out,
        spread_splits,
    )
    from fer_core.datasets.dataset import open_dataset

    dataset = open_dataset(name)
    table = open_left_out(dataset).table
    chosen = table.iloc[find_left_out(table, reason, source)]
    counts, faces = count_left_out(chosen), chosen[_COLUMNS].head(n).to_dict("records")
    if json:
        documents = [row.to_document() for row in counts]
        print_json({"dataset": name, "n_left_out": len(chosen), "counts": documents, "faces": faces})
        return
    if chosen.empty:
        print("No face matches both." if len(table) else f"No face was excluded from {name}.")
        return
    print_table(HEADER, spread_splits(counts))
    for word, meaning in explain_reasons(counts).items():
        print(f"{word}: {meaning}")
    print_table(_COLUMNS, [tuple(face.values()) for face in faces])
    if len(faces) < len(chosen):
        print(f"... and {len(chosen) - len(faces):,} more (--n)")


def print_reasons(info: "DatasetInfo") -> None:
    """Prints the counts for a data set that was just assembled; nothing if no face was excluded."""
    from fer_core.datasets.assembling.left_out import HEADER, spread_splits

    if info.left_out:
        print_table(HEADER, spread_splits(info.left_out))
        print(f"  to list the excluded faces: fer data left-out {info.name}")
