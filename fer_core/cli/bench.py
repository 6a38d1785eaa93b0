"""`fer bench ...`: the figures of docs/results.md, measured side by side in one run."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fer_core.base.text import count_of, percent
from fer_core.cli.group import make_group
from fer_core.cli.options import PresetOption, Training, grouped
from fer_core.cli.output import AsJson, print_json, print_table

app = make_group("Benchmarks: ratios measured side by side.")


@app.callback()
def bench() -> None:
    """Benchmarks: ratios measured in one run."""


@app.command()
def assemble(csv: Path, json: AsJson = False) -> None:
    """Time assembling fer2013.csv against reading it row by row with csv and int()."""
    from fer_core.bench.assemble import bench_assemble

    document = bench_assemble(csv.expanduser())
    if json:
        print_json(document)
        return
    print(
        f"row by row {document['row_by_row_s']:.2f} s, assembled {document['assemble_s']:.2f} s, "
        f"ratio {document['ratio']:.2f}"
    )


@dataclass(frozen=True, kw_only=True)
class Benched(Training):
    """Options of the run whose training is measured."""

    preset: PresetOption = "compact"


@app.command()
@grouped
def train(
    training: Benched,
    rounds: Annotated[int, typer.Option(min=1, help="blocks of each, measured alternately")] = 5,
    compiled: Annotated[
        bool, typer.Option("--compiled", help=("also measure torch.compile, which takes another minute"))
    ] = False,
    json: AsJson = False,
) -> None:
    """Time training in short blocks: the full pipeline, the training step alone, and files through a DataLoader."""
    from fer_core.bench.train import bench_train

    document = bench_train(training.config(), rounds, compiled)
    if json:
        print_json(document)
        return
    print(f"{document['model']} at {document['input_px']} px on {document['device']}: {document['computed_in']}")
    print_table(("way", "faces/s"), list(document["faces_per_s"].items()))
    print(
        f"pipeline efficiency {document['pipeline_efficiency']:.2f}, "
        f"{document['speedup_over_dataloader']:.1f} times as fast as a DataLoader with 2 workers, "
        f"peak memory {document['peak_memory_mb']:,} MB"
    )
    print_table(("forward and backward in", "faces/s"), [tuple(row.values()) for row in document["ways"]])


@app.command()
def predict(run_id: str, json: AsJson = False) -> None:
    """Time a trained network on one CPU thread."""
    from fer_core.bench.predict import bench_predict
    from fer_core.runs.find import get_run

    document = bench_predict(get_run(run_id))
    if json:
        print_json(document)
        return
    print_table(("on one CPU thread", "ms"), [(k, v) for k, v in document.items() if k.startswith("ms_")])
    gains = document["gain_by_folding"]
    print(
        f"without folded norms: {gains['ms_a_face']:.2f} times as long for one face, "
        f"{gains['ms_a_face_in_batches']:.2f} times in batches"
    )


@app.command()
def copies(n: Annotated[int, typer.Argument(min=400, help="number of faces")], json: AsJson = False) -> None:
    """Find the near copies planted among N drawn faces."""
    from fer_core.bench.copies import bench_copies

    document = bench_copies(n)
    if json:
        print_json(document)
        return
    print(
        f"{document['planted']:,} near copies planted among {n:,} faces: {percent(document['recall'])} found "
        f"in {document['seconds']:.1f} s ({document['cpu_seconds']:.1f} s of CPU), "
        f"and {count_of(document['false_pairs'], 'other pair')}"
    )
    print_table(("kind", "found"), [(kind, percent(share)) for kind, share in document["recall_by_kind"].items()])


@app.command()
def recall(
    name: str,
    planted: Annotated[
        bool, typer.Option("--planted", help="plant rotated, shifted, cropped and other copies, and search for them")
    ] = False,
    each: Annotated[int, typer.Option(min=1, help="planted copies per kind")] = 50,
    n: Annotated[int | None, typer.Option(min=1000, help="number of faces to plant among; default: all")] = None,
    json: AsJson = False,
) -> None:
    """Compare all held-out faces of the data set NAME with all training faces, and count what the search finds."""
    from fer_core.bench.planted import bench_planted
    from fer_core.bench.recall import bench_recall

    document = bench_planted(name, each, n_faces=n) if planted else bench_recall(name)
    if json:
        print_json(document)
        return
    if planted:
        print_table(("planted", "n", "found"), [(k["kind"], k["n"], k["found"]) for k in document["kinds"]])
        print(
            f"{count_of(document['planted'], 'copy')} among {count_of(document['n'], 'face')}, half of them mirrored; "
            f"{count_of(document['other_pairs'], 'other pair')}; {document['cpu_seconds']:.1f} s of CPU"
        )
        return
    print(
        f"{count_of(document['pairs'], 'near copy')} of {count_of(document['faces'], 'held-out face')} among the "
        f"training faces (all compared in {document['seconds']:.0f} s); found by the search: {document['found']:,}, "
        f"of {count_of(document['faces_found'], 'face')}"
    )


@app.command()
def learned(name: Annotated[str, typer.Argument(help="a data set")], json: AsJson = False) -> None:
    """Find near copies of learned faces by hash alone, and compare the result with a search by pixels."""
    from fer_core.bench.learned import bench_learned

    document = bench_learned(name)
    if json:
        print_json(document)
        return
    print(f"{document['near']:,} of {count_of(document['faces'], 'held-out face')} have a near copy in training")
    print_table(("bits", "found", "false"), [tuple(row.values()) for row in document["by_bits"]])


@app.command()
def large(
    n: Annotated[
        list[int], typer.Argument(min=1, help=("number of faces; several numbers are measured one after another"))
    ],
    json: AsJson = False,
) -> None:
    """Time assembling N drawn JPEG faces of 96 px in AffectNet's layout against decoding them with Pillow."""
    from fer_core.bench.large import bench_large

    documents = [bench_large(n_faces, say=lambda text: print(text, file=sys.stderr)) for n_faces in n]
    if json:
        print_json(documents)
        return
    print_table(
        ("faces", "decoded, s", "assembled, s", "ratio", "peak memory, MB"),
        [
            (f"{d['n']:,}", f"{d['decode_s']:.1f}", f"{d['assemble_s']:.1f}", f"{d['ratio']:.2f}", d["peak_memory_mb"])
            for d in documents
        ],
    )


@app.command()
def quality(n: Annotated[int, typer.Argument(min=1, help="number of faces")], json: AsJson = False) -> None:
    """Time measuring and flagging N drawn faces of 48 px, as when assembling."""
    from fer_core.bench.quality import bench_quality

    document = bench_quality(n)
    if json:
        print_json(document)
        return
    print(f"{count_of(n, 'face')} measured in {document['seconds']:.1f} s ({document['cpu_seconds']:.1f} s of CPU)")


@app.command()
def browse(n: Annotated[int, typer.Argument(min=1, help="number of faces")], json: AsJson = False) -> None:
    """Time each filter and order of the face browser on N faces."""
    from fer_core.bench.browse import bench_browse

    document = bench_browse(n)
    if json:
        print_json(document)
        return
    print_table(("wanted", "ms"), [(name, f"{ms:.1f}") for name, ms in document["ms"].items()])
