"""`fer gpu pack | run | unpack`: rows of the table on a borrowed GPU machine without a network connection."""

import sys
import time as clock
from pathlib import Path
from typing import Annotated, Any

import typer

from fer_core.cli.group import make_group
from fer_core.cli.output import AsJson, print_json, print_table, progress_line
from fer_core.cli.rows import DataOption, SourceOption, TableOption, catch_interrupts, read_option

app = make_group(
    "Rows of the table on a borrowed GPU machine: pack here, run there, unpack here. docs/gpu.md describes each "
    "step and what the machine needs."
)

PackOption = Annotated[
    Path, typer.Option(help="folder of the pack; an existing pack is replaced when the new one is complete")
]
OnlyOption = Annotated[
    list[str] | None, typer.Option(help="name of a row; may be repeated; default: the rows of the group")
]
PackageOption = Annotated[
    list[str] | None, typer.Option(help="a Python package that the machine lacks; may be repeated [pydantic]")
]
WheelsOption = Annotated[
    Path | None, typer.Option(help="folder with the wheels of those packages, instead of downloading them with pip")
]
PythonOption = Annotated[str, typer.Option(help="version of Python on the GPU machine")]


@app.command()
def pack(
    out: PackOption = Path("gpu-pack"),
    only: OnlyOption = None,
    group: Annotated[str, typer.Option(help="group of rows, as named in the table")] = "gpu",
    data: DataOption = None,
    source: SourceOption = None,
    package: PackageOption = None,
    wheels: WheelsOption = None,
    python: PythonOption = "3.12",
    limit: Annotated[str, typer.Option(help="maximum size of the pack")] = "55MiB",
    file: TableOption = None,
    json: AsJson = False,
) -> None:
    """Pack the project, wheels, data sets and ImageNet weights for the rows.

    The wheels of the packages that the machine lacks are downloaded with pip unless --wheels has them.
    """
    from fer_core.studies.gpu.limits import parse_size
    from fer_core.studies.gpu.pack import Order, is_changed, list_sizes, pick_rows, write_pack
    from fer_core.studies.gpu.wheels import PACKAGES
    from fer_core.studies.results.places import find_places
    from fer_core.studies.results.table_file import read_table_file

    most_bytes = read_option("--limit", parse_size, limit)
    table = read_table_file(file)
    rows, places = pick_rows(table, only or [], group), find_places(table.sources, data, source or [])
    packages = PACKAGES if package is None else tuple(package)
    if packages and not wheels:
        _tell_download(packages, python)
    order = Order(
        table=table, rows=rows, places=places, packages=packages, wheels=wheels, python=python, most_bytes=most_bytes
    )
    manifest = write_pack(out, order, progress_line())
    sizes = list_sizes(out)
    if is_changed():
        print("The repository has uncommitted changes. They are not packed.", file=sys.stderr)
    if json:
        print_json({**manifest, "files": [{"path": path, "n_bytes": n_bytes} for path, n_bytes in sizes]})
    else:
        _print_pack(out, manifest, sizes)


def _tell_download(packages: tuple[str, ...], python: str) -> None:
    print(
        f"Wheels of {', '.join(packages)} for Python {python} will be downloaded (--python: that of the machine; "
        "--wheels FOLDER: yours instead).",
        file=sys.stderr,
    )


def _print_pack(out: Path, manifest: dict[str, Any], sizes: list[tuple[str, int]]) -> None:
    """Prints the pack's files and wheels, and how to use it."""
    from fer_core.studies.gpu.limits import format_size

    print_table(("file", "size"), [(path, format_size(n_bytes)) for path, n_bytes in sizes])
    for wheel in manifest["wheels"]:
        print(f"{wheel['name']}: sha256 {wheel['sha256']}")
    print(f"{format_size(sum(n for _, n in sizes))} for {', '.join(manifest['rows'])}, commit {manifest['commit']}.")
    print(
        f"On the GPU machine: python3 {out}/start.py --out FOLDER --time 9m. Back here: fer gpu unpack FOLDER --pack "
        f"{out}."
    )


@app.command()
def run(
    pack: Annotated[Path, typer.Argument(help="the pack's folder")],
    out: Annotated[Path, typer.Option(help="folder to bring back")],
    time: Annotated[
        str, typer.Option(help=("time for the whole call; 30 s of it are reserved for bringing results back"))
    ] = "9m",
    jobs: Annotated[int, typer.Option(help="parallel runs on one device", min=1, max=64)] = 3,
    home: Annotated[
        Path | None, typer.Option(help="folder that an earlier call brought back, to continue from")
    ] = None,
    began: Annotated[float, typer.Option(help="start of the call, in seconds since 1970; 0: now", hidden=True)] = 0.0,
) -> None:
    """Run the pack's rows on the GPU machine; called by the pack's start.py."""
    from fer_core.base.workspace import absolute_path
    from fer_core.studies.gpu.limits import RESERVE_S
    from fer_core.studies.gpu.measure import measure_training
    from fer_core.studies.gpu.work import bring_home, build_runner, prepare
    from fer_core.studies.results.durations import parse_duration
    from fer_core.studies.results.run import is_done

    began = began or clock.time()
    limit_s = read_option("--time", parse_duration, time)
    pack, out = absolute_path(pack), absolute_path(out)

    def say(line: str) -> None:
        print(f"{clock.time() - began:6.1f} s  {line}", flush=True)

    table, rows = prepare(pack, absolute_path(home) if home else None, progress_line())
    say("data sets are in place")
    runner = build_runner(pack, out, table, rows, limit_s, began, jobs, say)
    bring_home(pack, out, table, say)
    with catch_interrupts(runner.interrupt):
        records = runner.run()
    bring_home(pack, out, table, say)
    if is_done(records):
        measure_training(out, table.rows[rows[0]].dataset, limit_s - RESERVE_S - (clock.time() - began), say)
    print_table(("row", "state", "why"), [(r.row, r.state, r.why) for r in records])
    raise typer.Exit(0 if is_done(records) else 1)


@app.command()
def unpack(
    folder: Annotated[Path, typer.Argument(help="folder that was brought back")],
    pack: Annotated[Path, typer.Option(help="the pack that was sent to the machine")] = Path("gpu-pack"),
    file: TableOption = None,
    json: AsJson = False,
) -> None:
    """Copy the runs that were brought back into the workspace, and the rows' files beside the table.

    A finished run has its configuration, curves, scores, predictions and log, and its weights if there was room; the
    weights of ensembles and stopped runs are not included. Figures are merged by seed; newer ones replace older ones.
    """
    from fer_core.base.text import count_of
    from fer_core.datasets.assembling.sheets import open_same, unpack_sheets
    from fer_core.studies.gpu.came_home import read_home, refuse_others
    from fer_core.studies.gpu.home import lay_home
    from fer_core.studies.gpu.measure import read_speed
    from fer_core.studies.gpu.pack import DATASETS, ROWS, read_manifest
    from fer_core.studies.results.table_file import read_table_file

    manifest, table = read_manifest(pack), read_table_file(file)
    came = read_home(folder)
    refuse_others(came, manifest, pack, set(table.rows), table.path)
    sheets = [pack / DATASETS / f"{name}.zip" for name in manifest["datasets"]]
    for path in [path for path in sheets if open_same(path) is None]:
        unpack_sheets(path, progress_line())
    laid, speed = lay_home(came, table, pack / ROWS), read_speed(folder)
    if json:
        print_json({**vars(laid), "speed": speed})
        return
    print(f"{count_of(len(laid.runs), 'new run')} in the workspace; rows written: {', '.join(laid.rows) or 'none'}.")
    for sentence in (*laid.kept, *laid.left_out, *laid.tell_weights(), *([speed] if speed else [])):
        print(sentence)
    print("Write the table with fer results table; see the runs with fer runs list.")
