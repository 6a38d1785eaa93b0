"""`fer data ...`: inspect sources, assemble data sets, export them."""

from pathlib import Path
from typing import Annotated

import typer

from fer_core.base.text import count_of
from fer_core.cli.data import assemble, balance, copies, delete, labels, left_out, quality, sources
from fer_core.cli.data.options import Meanings
from fer_core.cli.group import make_group
from fer_core.cli.output import AsJson, describe_unreadable, print_json, print_table, print_unreadable, progress_line

app = make_group("Data sets: demo, fetch, inspect, assemble, list, export, delete, their labels.")
for command in (assemble.assemble, assemble.again, labels.correct, labels.undo, labels.corrections, labels.suspects):
    app.command()(command)
app.command()(labels.agreement)
app.command()(copies.copies)
app.command("quality")(quality.show)
app.command("left-out")(left_out.show)
app.command()(balance.balance)
app.command()(balance.card)
app.command()(sources.source_leak)
app.command()(delete.delete)


@app.command()
def demo(
    name: Annotated[str, typer.Option(help="name of the data set")] = "demo",
    n: Annotated[int, typer.Option(min=420, help="number of faces; 60 people show 7 expressions each")] = 2100,
    seed: Annotated[int, typer.Option(help="seed of the drawing")] = 0,
) -> None:
    """Draw the demo data set: seven expressions, dozens of invented people."""
    from fer_core.datasets.assembling.demo import make_demo

    made = make_demo(name, n, seed, progress_line())
    print(f"{made.name}: {count_of(made.info.n, 'drawn face')} of {made.info.size_px} px in {made.path}")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="fer2013, ckplus or affectnet-sample")],
    to: Annotated[Path | None, typer.Option(help="target folder; default: downloads/NAME in the workspace")] = None,
) -> None:
    """Download a data set from Kaggle, with your own account."""
    from fer_core.sources.fetch import fetch_source

    path = fetch_source(name, to.expanduser() if to else None)
    print(f"{name} is in {path}. Next: fer data inspect {path}")


@app.command()
def inspect(
    path: Path,
    as_: Annotated[str, typer.Option("--as", help="reader to use; default: auto")] = "auto",
    meaning: Meanings = None,
    json: AsJson = False,
) -> None:
    """Describe the source at PATH: layout, class counts, problems."""
    from fer_core.datasets.assembling.inspect import inspect_source
    from fer_core.datasets.checks.turned.search import MAX_FACES
    from fer_core.sources.classes import check_meanings, classes_of, parse_meaning
    from fer_core.sources.readers import recognise

    meanings = tuple(map(parse_meaning, meaning or ()))
    check_meanings(meanings)
    path = path.expanduser()
    reader = recognise(path)[0] if as_ == "auto" else as_
    found = inspect_source(path, reader, progress_line(), classes=classes_of(reader, meanings))
    if json:
        print_json(found.to_document())
        return
    print(f"{found.layout}: {count_of(found.n, 'face')} in {found.path}")
    print_table(("expression", "n"), list(found.counts.items()))
    for name, n in found.left_out.items():
        print(f"excluded: {name} {n:,}")
    for note in found.notes:
        print(note)
    if found.unused:
        print(f"columns not used: {', '.join(found.unused)}")
    if found.n > MAX_FACES:
        print(
            f"turned copies: not searched for among more than {MAX_FACES:,} different faces, unless --turned is given"
        )
    print(f"problems: {len(found.problems):,}")
    for problem in found.problems[:20]:
        print(f"  {problem.origin}: {problem.message}")


@app.command("list")
def list_(json: AsJson = False) -> None:
    """List the assembled data sets."""
    from fer_core.datasets.dataset import list_datasets, list_unreadable_datasets

    infos, damaged = [dataset.info for dataset in list_datasets()], list_unreadable_datasets()
    if json:
        columns = ("name", "n", "size_px", "splits", "drawn", "made", "fingerprint")
        print_json([*({k: getattr(info, k) for k in columns} for info in infos), *describe_unreadable(damaged, "name")])
        return
    if not infos and not damaged:
        print("No data sets yet. Make one with fer data demo or fer data assemble.")
        return
    rows = [
        (
            i.name,
            f"{i.n:,}",
            i.size_px,
            *(f"{i.splits[s]:,}" for s in ("train", "val", "test")),
            "drawn" if i.drawn else "",
        )
        for i in infos
    ]
    if rows:
        print_table(("name", "faces", "px", "train", "val", "test", ""), rows)
    print_unreadable(damaged)


@app.command()
def export(name: str, folder: Path) -> None:
    """Write the data set NAME as an ImageFolder tree: FOLDER/train/angry/..."""
    from fer_core.datasets.export import export_dataset

    n = export_dataset(name, folder.expanduser(), progress_line())
    print(f"{count_of(n, 'face')} in {folder}")
