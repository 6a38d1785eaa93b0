"""A data set's card, written from its `dataset.json` and from the readers' facts about their sources."""

import json
from collections.abc import Sequence
from pathlib import Path

from fer_core.base.files import read_text, write_atomic
from fer_core.base.text import count_of, escape, percent, table
from fer_core.datasets.assembling.command import build_command
from fer_core.datasets.assembling.left_out import HEADER, explain_reasons, spread_splits, sum_reasons
from fer_core.datasets.checks.class_balance import ClassBalance, SourceBalance, describe_balance
from fer_core.datasets.checks.turned.search import explain_unsearched
from fer_core.datasets.class_weights import WEIGHTINGS
from fer_core.datasets.corrections.log import DROP
from fer_core.datasets.info import DatasetInfo, SourceInfo
from fer_core.datasets.splits import SPLITS
from fer_core.labels import EXPRESSIONS
from fer_core.sources.facts import find_facts

CARD = "CARD.md"
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write_card(folder: Path, info: DatasetInfo) -> None:
    """Writes CARD.md into the data set's folder."""
    write_atomic(folder / CARD, lambda path: path.write_text(build_card(info), encoding="utf-8"))


def read_card(folder: Path, info: DatasetInfo) -> str:
    """The text of CARD.md; built from `info` for a data set that has none."""
    file = folder / CARD
    try:
        return read_text(file)
    except FileNotFoundError:
        return build_card(info)


def build_card(info: DatasetInfo) -> str:
    """A dataset card: YAML front matter, then Markdown. The same `info` always gives the same card.

    Args:
        info: description of the data set, which an earlier version may have written.
    """
    parts = [_front_matter(info), _head(info), _making(info), _sources(info), _counts(info), _copies(info)]
    parts += [_left_out(info), _labels(info), _quality(info), _alignment(info), _balance(info), _limits(info)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _front_matter(info: DatasetInfo) -> str:
    size = next((words for below, words in _SIZES if info.n < below), "n>1M")
    splits = "\n".join(f"  - name: {split}\n    num_examples: {info.splits[split]}" for split in SPLITS)
    return f"""---
pretty_name: {json.dumps(info.name)}
license: other
license_name: as-the-sources-say
task_categories:
- image-classification
size_categories:
- {size}
tags:
- facial-expression-recognition
dataset_info:
  splits:
{splits}
---"""


def _head(info: DatasetInfo) -> str:
    n = count_of(info.n, "drawn face") + " (no photographs)" if info.drawn else count_of(info.n, "face")
    return f"""# {info.name}

{n}, grey, {info.size_px} x {info.size_px} px, each labelled as one of {", ".join(EXPRESSIONS)}.
Assembled from {", ".join(part.source for part in info.sources)} on {info.made[:10]} by FER Studio.
Split `{info.recipe.split}`: {", ".join(f"{info.splits[split]:,} {split}" for split in SPLITS)} faces."""


def _making(info: DatasetInfo) -> str:
    n_lines = info.labels.n_lines
    recipe = info.recipe
    whose = info.name if recipe.corrections == "own" else recipe.corrections
    made_of = info.compressed
    if made_of:
        return f"""## How it was made

The faces are those of the data set {made_of.of} (fingerprint `{made_of.fingerprint}`). Training faces were compressed
with WebP at quality {made_of.quality}, with a mean error of {made_of.mean_error} of 255 grey levels. Validation and
test faces are unchanged. Names, labels, votes, splits and digests are those of the original faces. The fingerprint of
this data set is `{info.fingerprint}`."""
    list_ = f"\n\nIt also needs the corrections of {whose} up to line {n_lines:,}." if n_lines else ""
    return f"""## How to reproduce it

```bash
{build_command(info)}
```

The paths are those of the machine on which the data set was made. The same sources give the same fingerprint:
`{info.fingerprint}`.{list_}"""


def _sources(info: DatasetInfo) -> str:
    reasons = sum_reasons(info)
    parts = [f"### {part.source}\n\n{_list_source(part, reasons[part.source])}" for part in info.sources]
    return "## Sources\n\nWhat was found in each source, and what was published about it.\n\n" + "\n\n".join(parts)


def _list_source(part: SourceInfo, reasons: dict[str, int]) -> str:
    left_out = ", ".join(f"{escape(reason)} {n:,}" for reason, n in reasons.items()) or "none"
    found = f"{escape(part.layout)}; used: {count_of(part.n, 'face')}"
    lines = [f"- Found: {found}; excluded: {left_out}; skipped as unreadable: {part.n_skipped:,}."]
    lines += [f"- Note: {escape(note)}" for note in part.notes]
    lines += [f"- {name}: {text}" for name, text in find_facts(part.source).items()]
    return "\n".join(lines)


def _counts(info: DatasetInfo) -> str:
    n = {(row.source, row.expression, row.split): row.n for row in info.counts}
    names = [part.source for part in info.sources]
    rows = [
        [source, expression, *(f"{n.get((source, expression, split), 0):,}" for split in SPLITS)]
        for source in names
        for expression in EXPRESSIONS
    ]
    return "## Faces by source, class and split\n\n" + table(["source", "expression", *SPLITS], rows)


def _copies(info: DatasetInfo) -> str:
    copies = info.copies
    kinds = {"exact": copies, "exact or near": copies.near}
    rows = [
        [
            kind, f"{found.groups:,}", f"{found.images:,}", f"{found.groups_across_splits:,}",
            f"{found.groups_with_contradicting_labels:,}", f"{found.test_faces_with_copy_in_train:,}",
        ]
        for kind, found in kinds.items() if found
    ]  # fmt: skip
    header = ["copies", "groups", "faces", "groups across splits", "with several labels", "test faces also in train"]
    dropped = info.n_dropped_copies
    near = "" if copies.near else " Near copies were not searched for."
    if why := explain_unsearched(info):
        near = f" {why} `fer data assemble --turned` searches for them."
    return f"""## Copies and leaks

{table(header, rows)}

Excluded: {count_of(dropped, "copy")}.{near} Report test scores without the test faces that are also among the training
faces."""


def _left_out(info: DatasetInfo) -> str:
    """The faces that were read but excluded; empty where none were."""
    counts = info.left_out or ()
    meanings = "\n".join(f"- {reason}: {meaning}" for reason, meaning in explain_reasons(counts).items())
    return f"## Excluded faces\n\n{table(HEADER, spread_splits(counts))}\n\n{meanings}" if counts else ""


def _labels(info: DatasetInfo) -> str:
    labels = info.labels
    if not labels.by_kind:
        return "## Labels\n\nEvery face has the label that its source gives it."
    kinds = [[escape(kind.kind), f"{kind.changed:,}", f"{kind.dropped:,}"] for kind in labels.by_kind]
    n = {(change.old, change.new): f"{change.n:,}" for change in labels.from_to}
    changes = [[old, *(n.get((old, new), "") for new in (*EXPRESSIONS, DROP))] for old in EXPRESSIONS]
    n_gone = labels.n_changed_left_out
    gone = f"\n\nOf the changed faces, {n_gone:,} were then excluded by flags or limits." if n_gone else ""
    return f"""## Labels

Who changed labels, and from which label (rows) to which (columns):

{table(["by", "changed", "excluded"], kinds)}

{table(["", *EXPRESSIONS, "excluded"], changes)}{gone}

Not applied: {count_of(labels.n_held_back, "more change")}, to validation and test faces. These keep their sources'
labels, which may therefore differ from those of the training faces."""


def _quality(info: DatasetInfo) -> str:
    """How many faces have each flag; empty where faces were not measured."""
    quality = info.quality
    if quality is None:
        return ""
    n = {(row.flag, row.source, row.split): row.n for row in quality.counts}
    keys = dict.fromkeys((row.flag, row.source) for row in quality.counts)
    rows = [[flag, source, *(f"{n.get((flag, source, s), 0):,}" for s in SPLITS)] for flag, source in keys]
    gone = ", ".join(f"{n_gone:,} {flag}" for flag, n_gone in quality.left_out.by_flag.items()) or "none"
    flagged = table(["flag", "source", *SPLITS], rows) if rows else "No faces are flagged."
    return f"## Flagged faces\n\n{flagged}\n\nExcluded by flag: {gone}."


def _alignment(info: DatasetInfo) -> str:
    """How many faces the detector found; empty where it was not used."""
    rows = [[source, f"{n.found:,}", f"{n.not_found:,}"] for source, n in info.alignment.items()]
    return f"## Alignment\n\n{table(['source', 'found and aligned', 'not found, default crop'], rows)}" if rows else ""


def _balance(info: DatasetInfo) -> str:
    found, recipe = describe_balance(info), info.recipe
    rules = [f"{source}: at most {count_of(n, 'training face')} per class" for source, n in recipe.caps]
    rules += [f"{source}: every class reduced to as many training faces as its rarest" for source in recipe.balance]
    rows = [
        [c.expression, *_stages(c), percent(c.share), *(f"{c.weights[name]:.2f}" for name in WEIGHTINGS)]
        for c in found.classes
    ]
    sources = [[s.source, *_stages(s), *(percent(s.shares[name]) for name in WEIGHTINGS)] for s in found.sources]
    stages = ["as split", "before limits", "within limits"]
    return f"""## Balance of the training faces

Limits: {"; ".join(rules) or "none"}; excluded: {count_of(found.n_left_out, "training face")}.

{table(["expression", *stages, "share", *(f"weight, {name}" for name in WEIGHTINGS)], rows)}

A weight is how much a training face counts under each setting of `balance` (sampler: how often it is drawn per epoch).
Each source's share of the training under each setting:

{table(["source", *stages, *WEIGHTINGS], sources)}"""


def _stages(row: ClassBalance | SourceBalance) -> Sequence[str]:
    return ["-" if n is None else f"{n:,}" for n in row.stages]


def _limits(info: DatasetInfo) -> str:
    drawn = "Its faces are drawn, so results on them say nothing about photographs. " if info.drawn else ""
    return f"""## Limitations

{drawn}The licences of the sources, above, also apply to this data set. A label is the expression that people see in a
face, not what the person feels. Labels are noisy, and the faces are not a representative sample of people. The data
set does not record groups of people, so it cannot show whether errors affect one group more than another. Do not use
networks trained on it to make decisions about people."""
