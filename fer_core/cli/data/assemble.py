"""`fer data assemble | again`: sources into a data set, and what came of it."""

from typing import Annotated, Any

import typer

from fer_core.base.text import count_of
from fer_core.cli.data.balance import print_left_out
from fer_core.cli.data.copies import Near, Turned, print_copies
from fer_core.cli.data.labels import print_changes, print_labels
from fer_core.cli.data.left_out import print_reasons
from fer_core.cli.data.quality import LeaveOut, print_quality
from fer_core.cli.output import AsJson, Meanings, print_json, progress_line
from fer_core.datasets.splits import SPLITS


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
    copies: Annotated[
        str,
        typer.Option(
            help="keep; drop_surplus: one of each set stays; drop_contradicting: sets under several labels go; "
            "drop_leaks: training faces with a copy in validation or test go. fer data copies counts what each takes"
        ),
    ] = "keep",
    near: Near = True,
    turned: Turned = None,
    labels_: Annotated[str, typer.Option("--labels", help="source, or votes: what most taggers say (FER+)")] = "source",
    drop: Annotated[str, typer.Option(help="leave out faces voted: unknown,not-a-face,contempt,tie")] = "",
    relabel: Annotated[str, typer.Option(help="which faces may change or be left out: train or all")] = "train",
    corrections: Annotated[str, typer.Option(help="own, none, or the data set whose list is laid over")] = "own",
    leave_out: LeaveOut = "",
    cap: Annotated[
        list[str] | None, typer.Option(help="SOURCE=FACES: at most so many training faces a class; again for each")
    ] = None,
    balance_: Annotated[
        str, typer.Option("--balance", help="sources whose every class is reduced to its rarest, such as ckplus,jaffe")
    ] = "",
    align: Annotated[bool, typer.Option("--align", help="find each face and bring it to one frame")] = False,
    meaning: Meanings = None,
    json: AsJson = False,
) -> None:
    """Make the data set NAME out of one or more sources."""
    from fer_core.datasets.assembling.again import assemble_over
    from fer_core.datasets.assembling.recipe import Recipe, parse_source
    from fer_core.datasets.checks.balance import parse_cap
    from fer_core.sources.classes import parse_meaning

    given = tuple(map(parse_source, source))
    dropped, flagged = (tuple(filter(None, names.split(","))) for names in (drop, leave_out))
    caps, balanced = tuple(map(parse_cap, cap or ())), tuple(filter(None, balance_.split(",")))
    labelled = (labels_, dropped, relabel, corrections)
    drawn = (split, size, seed, skip_bad, copies, near)
    meanings = tuple(map(parse_meaning, meaning or ()))
    recipe = Recipe(name, given, *drawn, *labelled, flagged, caps, balanced, align, meanings, turned)
    _tell(assemble_over(recipe, progress_line()).info, json)


def again(name: str, json: AsJson = False) -> None:
    """Assemble the data set NAME once more by its own recipe, with the corrections made since."""
    from fer_core.datasets.assembling.again import assemble_again

    _tell(assemble_again(name, progress_line()).info, json)


def _tell(info: dict[str, Any], json: bool) -> None:
    if json:
        print_json(info)
        return
    for part in info["sources"]:
        _print_source(part, info)
    for source, counts in info.get("alignment", {}).items():
        print(f"{source}: {count_of(counts['found'], 'face')} found and aligned, {counts['not_found']:,} not found")
    print_labels(info)
    print_quality(info)
    print_left_out(info)
    print_copies(info)
    print_reasons(info)
    splits = ", ".join(f"{split} {info['splits'][split]:,}" for split in SPLITS)
    print(f"{info['name']}: {count_of(info['n'], 'face')} of {info['size_px']} px; {splits}")
    print(f"fingerprint: {info['fingerprint'][:16]}")
    if "replaced" in info:
        _print_replaced(info["replaced"], info["fingerprint"])


def _print_source(part: dict[str, Any], info: dict[str, Any]) -> None:
    from fer_core.datasets.assembling.left_out import sum_reasons

    left_out = ", ".join(f"{n:,} {reason}" for reason, n in sum_reasons(info)[part["source"]].items()) or "none"
    n = {
        s: sum(row["n"] for row in info["counts"] if (row["source"], row["split"]) == (part["source"], s))
        for s in SPLITS
    }
    places = ", ".join(f"{split} {n[split]:,}" for split in SPLITS if n[split])
    skipped = part["n_skipped"]
    print(f"{part['source']}: {count_of(part['n'], 'face')} ({places}); left out: {left_out}; skipped: {skipped:,}")
    for note in part["notes"]:
        print(f"  {note}")


def _print_replaced(before: dict[str, Any], fingerprint: str) -> None:
    print(f"It replaces one of {count_of(before['n'], 'face')}: {before['n_gone']:,} gone, {before['n_new']:,} new")
    for choice, (was, now) in before["recipe"].items():
        print(f"  {choice}: {was} -> {now}")
    print_changes(before["from_to"])
    same = fingerprint == before["fingerprint"]
    print(f"  fingerprint: {'the same' if same else before['fingerprint'][:16] + ' before'}")
