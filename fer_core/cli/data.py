"""`fer data ...`: look at sources, assemble data sets, take them out again."""

from pathlib import Path
from typing import Annotated

import typer

from fer_core.cli import balance, labels, quality, sources
from fer_core.cli.output import AsJson, print_json, print_table, progress_line

app = typer.Typer(help="Data sets: demo, fetch, inspect, assemble, list, export, their labels.", no_args_is_help=True)
for command in (labels.correct, labels.undo, labels.corrections, labels.suspects, labels.agreement, labels.again):
    app.command()(command)
app.command("quality")(quality.show)
app.command()(balance.balance)
app.command()(balance.card)
app.command()(sources.source_leak)


@app.command()
def demo(
    name: Annotated[str, typer.Option(help="name of the data set")] = "demo",
    n: Annotated[int, typer.Option(min=70, help="how many faces")] = 2100,
    seed: Annotated[int, typer.Option(help="of the drawing")] = 0,
) -> None:
    """Draw the demo data set: seven expressions, dozens of invented people."""
    from fer_core.data.demo import make_demo

    made = make_demo(name, n, seed, progress_line())
    print(f"{made.name}: {made.info['n']:,} drawn faces of {made.info['size_px']} px in {made.path}")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="fer2013, ckplus or affectnet-sample")],
    to: Annotated[Path | None, typer.Option(help="folder; otherwise downloads/NAME in the workspace")] = None,
) -> None:
    """Download a data set from Kaggle, with your own account."""
    from fer_core.data.fetch import fetch_source

    path = fetch_source(name, to.expanduser() if to else None)
    print(f"{name} lies in {path}. Next: fer data inspect {path}")


@app.command()
def inspect(
    path: Path,
    as_: Annotated[str, typer.Option("--as", help="reader, instead of auto")] = "auto",
    json: AsJson = False,
) -> None:
    """Say what lies at PATH: layout, class counts, problems."""
    from fer_core.data.inspect import inspect_source

    found = inspect_source(path.expanduser(), as_, progress_line()).to_dict()
    if json:
        print_json(found)
        return
    print(f"{found['layout']}: {found['n']:,} faces in {found['path']}")
    print_table(("expression", "n"), list(found["counts"].items()))
    for name, n in found["left_out"].items():
        print(f"left out: {name} {n:,}")
    for note in found["notes"]:
        print(note)
    print(f"problems: {found['n_problems']:,}")
    for problem in found["problems"][:20]:
        print(f"  {problem['origin']}: {problem['message']}")


@app.command()
def assemble(
    name: str,
    source: Annotated[
        list[str],
        typer.Option(
            help="fer2013=PATH, ckplus=, rafdb=, jaffe=, expw=, affectnet=, folder=, csv=PATH or a bare PATH; "
            "again for each"
        ),
    ],
    split: Annotated[
        str, typer.Option(help="official, 80:10:10, or leave-out:SOURCE to test on that one")
    ] = "official",
    size: Annotated[int, typer.Option(help="side of the faces: 48, 64 or 96 px")] = 48,
    seed: Annotated[int, typer.Option(help="of drawn splits")] = 0,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="go on past bad rows and count them")] = False,
    copies: Annotated[str, typer.Option(help="keep, drop_surplus (one stays) or drop_contradicting")] = "keep",
    near: Annotated[bool, typer.Option(help="mirrored, re-encoded and rescaled pictures are copies too")] = True,
    labels_: Annotated[str, typer.Option("--labels", help="source, or votes: what most taggers say (FER+)")] = "source",
    drop: Annotated[str, typer.Option(help="leave out faces voted: unknown,not-a-face,contempt,tie")] = "",
    relabel: Annotated[str, typer.Option(help="which faces may change or be left out: train or all")] = "train",
    corrections: Annotated[str, typer.Option(help="own, none, or the data set whose list is laid over")] = "own",
    leave_out: quality.LeaveOut = "",
    cap: Annotated[
        list[str] | None, typer.Option(help="SOURCE=FACES: at most so many training faces a class; again for each")
    ] = None,
    balance_: Annotated[
        str, typer.Option("--balance", help="sources whose every class is reduced to its rarest, such as ckplus,jaffe")
    ] = "",
    align: Annotated[bool, typer.Option("--align", help="find each face and bring it to one frame")] = False,
    json: AsJson = False,
) -> None:
    """Make the data set NAME out of one or more sources."""
    from fer_core.data import assemble as assembling
    from fer_core.data.balance import parse_cap
    from fer_core.data.recipe import Recipe, parse_source

    given = tuple(map(parse_source, source))
    dropped, flagged = (tuple(filter(None, names.split(","))) for names in (drop, leave_out))
    caps, balanced = tuple(map(parse_cap, cap or ())), tuple(filter(None, balance_.split(",")))
    labelled = (labels_, dropped, relabel, corrections)
    recipe = Recipe(name, given, split, size, seed, skip_bad, copies, near, *labelled, flagged, caps, balanced, align)
    info = assembling.assemble(recipe, progress_line()).info
    if json:
        print_json(info)
        return
    for part in info["sources"]:
        left_out = ", ".join(f"{n:,} {label}" for label, n in part["left_out"].items()) or "none"
        print(f"{part['source']}: {part['n']:,} faces; left out: {left_out}; skipped: {part['n_skipped']:,}")
        for note in part["notes"]:
            print(f"  {note}")
    for part, counts in info.get("alignment", {}).items():
        print(f"{part}: {counts['found']:,} faces found and aligned, {counts['not_found']:,} not found")
    labels.print_labels(info)
    quality.print_quality(info)
    balance.print_left_out(info)
    splits, found = info["splits"], info["copies"]
    print(
        f"{name}: {info['n']:,} faces of {size} px; "
        f"train {splits['train']:,}, val {splits['val']:,}, test {splits['test']:,}"
    )
    for kind, counts in (("copies", found), ("with near copies", found["near"])):
        if counts:
            print(
                f"{kind}: {counts['groups']:,} groups of {counts['images']:,} faces, "
                f"{counts['groups_across_splits']:,} across splits, "
                f"{counts['groups_with_contradicting_labels']:,} with contradicting labels; "
                f"{counts['test_faces_with_copy_in_train']:,} test faces have a copy in training"
            )
    if info["n_dropped_copies"]:
        print(f"dropped: {info['n_dropped_copies']:,} copies")
    print(f"fingerprint: {info['fingerprint'][:16]}")


@app.command("list")
def list_(json: AsJson = False) -> None:
    """The assembled data sets."""
    from fer_core.data.dataset import list_datasets

    infos = [dataset.info for dataset in list_datasets()]
    if json:
        print_json(
            [{k: info[k] for k in ("name", "n", "size_px", "splits", "drawn", "made", "fingerprint")} for info in infos]
        )
        return
    if not infos:
        print("No data set yet. Make one with fer data demo, or fer data assemble.")
        return
    rows = [
        (
            i["name"],
            f"{i['n']:,}",
            i["size_px"],
            *(f"{i['splits'][s]:,}" for s in ("train", "val", "test")),
            "drawn" if i["drawn"] else "",
        )
        for i in infos
    ]
    print_table(("name", "faces", "px", "train", "val", "test", ""), rows)


@app.command()
def export(name: str, folder: Path) -> None:
    """Write the data set NAME as an ImageFolder tree: FOLDER/train/angry/..."""
    from fer_core.data.export import export_dataset

    n = export_dataset(name, folder.expanduser(), progress_line())
    print(f"{n:,} faces in {folder}")
