"""`fer data quality`: which faces are flagged, and what an assembly leaves out for it."""

from collections import Counter
from typing import Annotated, Any

import typer

from fer_core.base.text import count_of
from fer_core.cli.output import AsJson, print_json, print_table

_COLUMNS = ["face_id", "split", "expression", "brightness", "contrast", "sharpness", "side_px", "flags"]


def show(
    name: str,
    flag: Annotated[str, typer.Option(help="list the faces that have it, the worst first")] = "",
    n: Annotated[int, typer.Option("--n", min=1, help="how many to list")] = 20,
    json: AsJson = False,
) -> None:
    """Which faces of the data set NAME are blank, dark, blurred, tiny or none: how many, or with --flag which."""
    from fer_core.datasets.checks.flags import check_measured, describe_flagged, list_flagged
    from fer_core.datasets.checks.quality import FLAGS
    from fer_core.datasets.dataset import open_dataset
    from fer_core.pictures.measures import MEASURES

    dataset = open_dataset(name)
    check_measured(dataset)
    document = {"dataset": name, "n": dataset.info["n"], **dataset.info["quality"]}
    if flag:
        flagged = list_flagged(dataset, flag)
        faces = flagged[_COLUMNS].head(n).astype(dict.fromkeys(MEASURES, float)).round(4).to_dict("records")
        document |= {"flag": flag, "n_flagged": len(flagged), "faces": faces}
    if json:
        print_json(document)
    elif flag:
        print(f"{flag} ({FLAGS[flag].meaning}): {document['n_flagged']:,} of {count_of(document['n'], 'face')}")
        print_table(_COLUMNS, [tuple(face.values()) for face in faces])
    else:
        if document["counts"]:
            print_table(("flag", "source", "split", "n"), [tuple(row.values()) for row in document["counts"]])
        print(describe_flagged(document["n"], document))


def print_quality(info: dict[str, Any]) -> None:
    """How many faces are flagged, and how many were left out; nothing where there are none."""
    by_flag: Counter[str] = Counter()
    for row in info["quality"]["counts"]:
        by_flag[row["flag"]] += row["n"]
    if by_flag:
        flags = ", ".join(f"{n:,} {flag}" for flag, n in by_flag.items())
        print(f"flagged: {count_of(info['quality']['n_flagged'], 'face')} ({flags})")
    left_out = info["quality"]["left_out"]
    if left_out["by_flag"]:
        flags = ", ".join(f"{n:,} {flag}" for flag, n in left_out["by_flag"].items())
        print(f"left out: {count_of(left_out['n'], 'flagged face')} ({flags})")
    if left_out["n_held_back"]:
        print(f"  held back, not for training: {left_out['n_held_back']:,} (--relabel all leaves these out too)")
