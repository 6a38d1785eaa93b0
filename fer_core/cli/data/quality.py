"""`fer data quality`: which faces are flagged, and which were excluded for it."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from fer_core.base.text import count_of
from fer_core.cli.output import AsJson, print_json, print_table

if TYPE_CHECKING:
    from fer_core.datasets.info import DatasetInfo

_COLUMNS = ["face_id", "split", "expression", "brightness", "contrast", "sharpness", "side_px", "flags"]


def show(
    name: str,
    flag: Annotated[str, typer.Option(help="list the faces with this flag, worst first")] = "",
    n: Annotated[int, typer.Option("--n", min=1, help="number of faces to list")] = 20,
    json: AsJson = False,
) -> None:
    """Count blank, dark, blurred, tiny and not-a-face images in the data set NAME, or list them with --flag."""
    from fer_core.datasets.checks.flags import FLAGS, describe_flagged, list_flagged, require_quality
    from fer_core.datasets.dataset import open_dataset
    from fer_core.pictures.measures import MEASURES

    dataset = open_dataset(name)
    quality, n_faces = require_quality(dataset), dataset.info.n
    document = {"dataset": name, "n": n_faces, **quality.to_document()}
    if flag:
        flagged = list_flagged(dataset, flag)
        faces = flagged[_COLUMNS].head(n).astype(dict.fromkeys(MEASURES, float)).round(4).to_dict("records")
        document |= {"flag": flag, "n_flagged": len(flagged), "faces": faces}
    if json:
        print_json(document)
    elif flag:
        print(f"{flag} ({FLAGS[flag].meaning}): {len(flagged):,} of {count_of(n_faces, 'face')}")
        print_table(_COLUMNS, [tuple(face.values()) for face in faces])
    else:
        if quality.counts:
            rows = [(row.flag, row.source, row.split, row.n) for row in quality.counts]
            print_table(("flag", "source", "split", "n"), rows)
        print(describe_flagged(n_faces, quality))


def print_quality(info: "DatasetInfo") -> None:
    """Prints how many faces are flagged and how many were excluded; nothing if there are none."""
    quality = info.quality
    if quality is None:
        return
    by_flag: Counter[str] = Counter()
    for row in quality.counts:
        by_flag[row.flag] += row.n
    if by_flag:
        flags = ", ".join(f"{n:,} {flag}" for flag, n in by_flag.items())
        print(f"flagged: {count_of(quality.n_flagged, 'face')} ({flags})")
    left_out = quality.left_out
    if left_out.by_flag:
        flags = ", ".join(f"{n:,} {flag}" for flag, n in left_out.by_flag.items())
        print(f"excluded: {count_of(left_out.n, 'flagged face')} ({flags})")
    if left_out.n_held_back:
        print(f"  kept in validation and test: {left_out.n_held_back:,} (--relabel all excludes these too)")
