"""`fer data assemble | again`: assemble sources into a data set and report the result."""

from typing import TYPE_CHECKING

from fer_core.base.text import count_of
from fer_core.cli.data import options
from fer_core.cli.data.balance import print_left_out
from fer_core.cli.data.copies import print_copies
from fer_core.cli.data.labels import print_changes, print_labels
from fer_core.cli.data.left_out import print_reasons
from fer_core.cli.data.options import split_names
from fer_core.cli.data.quality import print_quality
from fer_core.cli.output import AsJson, print_json, progress_line

_SPLITS = ("train", "val", "test")  # `fer_core.datasets.splits` has them too, and pandas with them

if TYPE_CHECKING:
    from fer_core.datasets.info import DatasetInfo, Replaced, SourceInfo


def assemble(
    name: str,
    source: options.Sources,
    split: options.Split = "official",
    size: options.Size = 48,
    seed: options.Seed = 0,
    skip_bad: options.SkipBad = False,
    copies: options.Copies = "keep",
    near: options.Near = True,
    turned: options.Turned = None,
    labels_: options.Labels = "source",
    drop: options.Drop = "",
    relabel: options.Relabel = "train",
    corrections: options.Corrections = "own",
    leave_out: options.LeaveOut = "",
    cap: options.Caps = None,
    balance_: options.Balance = "",
    align: options.Align = False,
    meaning: options.Meanings = None,
    json: AsJson = False,
) -> None:
    """Assemble the data set NAME from one or more sources."""
    from fer_core.datasets.assembling.again import assemble_over
    from fer_core.datasets.assembling.recipe import parse_source, read_recipe
    from fer_core.datasets.checks.balance import parse_cap
    from fer_core.sources.classes import parse_meaning

    given = {"sources": list(map(parse_source, source)), "meanings": list(map(parse_meaning, meaning or ()))}
    drawn = {"split": split, "size": size, "seed": seed, "skip_bad": skip_bad, "align": align}
    alike = {"copies": copies, "near": near, "turned": turned}
    labelled = {"labels": labels_, "drop": split_names(drop), "relabel": relabel, "corrections": corrections}
    limits = {"caps": list(map(parse_cap, cap or ())), "balance": split_names(balance_)}
    flagged = {"leave_out": split_names(leave_out)}
    recipe = read_recipe({"name": name, **given, **drawn, **alike, **labelled, **limits, **flagged})
    _tell(assemble_over(recipe, progress_line()).info, json)


def again(name: str, json: AsJson = False) -> None:
    """Assemble the data set NAME again from its recipe, with the corrections made since."""
    from fer_core.datasets.assembling.again import assemble_again

    _tell(assemble_again(name, progress_line()).info, json)


def _tell(info: "DatasetInfo", json: bool) -> None:
    if json:
        print_json(info.to_document(exclude={"version"}))
        return
    for part in info.sources:
        _print_source(part, info)
    for source, counts in info.alignment.items():
        print(f"{source}: {count_of(counts.found, 'face')} found and aligned, {counts.not_found:,} not found")
    print_labels(info)
    print_quality(info)
    print_left_out(info)
    print_copies(info)
    print_reasons(info)
    splits = ", ".join(f"{split} {info.splits[split]:,}" for split in _SPLITS)
    print(f"{info.name}: {count_of(info.n, 'face')} of {info.size_px} px; {splits}")
    print(f"fingerprint: {info.fingerprint[:16]}")
    if info.replaced:
        _print_replaced(info.replaced, info.fingerprint)


def _print_source(part: "SourceInfo", info: "DatasetInfo") -> None:
    from fer_core.datasets.assembling.left_out import sum_reasons

    left_out = ", ".join(f"{n:,} {reason}" for reason, n in sum_reasons(info)[part.source].items()) or "none"
    n = {s: sum(row.n for row in info.counts if (row.source, row.split) == (part.source, s)) for s in _SPLITS}
    places = ", ".join(f"{split} {n[split]:,}" for split in _SPLITS if n[split])
    skipped = part.n_skipped
    print(f"{part.source}: {count_of(part.n, 'face')} ({places}); excluded: {left_out}; skipped: {skipped:,}")
    for note in part.notes:
        print(f"  {note}")


def _print_replaced(before: "Replaced", fingerprint: str) -> None:
    print(f"It replaces a data set of {count_of(before.n, 'face')}: {before.n_gone:,} removed, {before.n_new:,} added")
    for choice, (was, now) in before.recipe.items():
        print(f"  {choice}: {was} -> {now}")
    print_changes(before.from_to)
    same = fingerprint == before.fingerprint
    print(f"  fingerprint: {'the same' if same else before.fingerprint[:16] + ' before'}")
