"""A data set's card, written from its `dataset.json` and from what the readers know of their sources."""

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
    """CARD.md, or what it would be for a data set of before there were cards."""
    file = folder / CARD
    try:
        return read_text(file)
    except FileNotFoundError:
        return build_card(info)


def build_card(info: DatasetInfo) -> str:
    """Markdown under YAML front matter as dataset cards have it; but for the date it follows from what is in the set.

    Args:
        info: of the data set, also one of an earlier version.
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
    n = count_of(info.n, "drawn face") + ", no photographs" if info.drawn else count_of(info.n, "face")
    return f"""# {info.name}

{n}, grey, {info.size_px} px a side, each under one of {", ".join(EXPRESSIONS)}.
Joined from {", ".join(part.source for part in info.sources)} on {info.made[:10]} by FER Studio.
Split `{info.recipe.split}`: {", ".join(f"{split} {info.splits[split]:,}" for split in SPLITS)} faces."""


def _making(info: DatasetInfo) -> str:
    n_lines = info.labels.n_lines
    recipe = info.recipe
    whose = info.name if recipe.corrections == "own" else recipe.corrections
    lines = count_of(n_lines, "line")
    made_of = info.compressed
    if made_of:
        return f"""## How it was made

The faces are those of the data set {made_of.of} (fingerprint `{made_of.fingerprint}`), the training faces as
they come out of a WebP of quality {made_of.quality}: {made_of.mean_error} grey levels of 255 off on average.
Validation and test faces are exact. Names, labels, votes, splits and digests are those of the original faces. Its own
fingerprint is `{info.fingerprint}`."""
    list_ = f"\n\nIt needs the list of corrections of {whose} too, its first {lines}." if n_lines else ""
    return f"""## How to make it again

```bash
{build_command(info)}
```

The paths are those of the machine where it was made. The same sources give the same fingerprint:
`{info.fingerprint}`.{list_}"""


def _sources(info: DatasetInfo) -> str:
    reasons = sum_reasons(info)
    parts = [f"### {part.source}\n\n{_list_source(part, reasons[part.source])}" for part in info.sources]
    return "## Sources\n\nOf each, what was found, and what is known of it as it was published.\n\n" + "\n\n".join(
        parts
    )


def _list_source(part: SourceInfo, reasons: dict[str, int]) -> str:
    left_out = ", ".join(f"{escape(reason)} {n:,}" for reason, n in reasons.items()) or "none"
    found = f"{escape(part.layout)}; in the set: {count_of(part.n, 'face')}"
    lines = [f"- Found: {found}; left out: {left_out}; skipped as bad: {part.n_skipped:,}."]
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
    header = ["copies", "groups", "faces", "groups across splits", "under several labels", "test faces also in train"]
    dropped = info.n_dropped_copies
    near = "" if copies.near else " Near copies were not looked for."
    if why := explain_unsearched(info):
        near = f" {why} `fer data assemble --turned` looks for them."
    return f"""## Copies and leaks

{table(header, rows)}

Dropped: {count_of(dropped, "copy")}.{near} Give test scores without the test faces that are also in the training."""


def _left_out(info: DatasetInfo) -> str:
    """The faces that were read and are not in the set, where there are any."""
    counts = info.left_out or ()
    meanings = "\n".join(f"- {reason}: {meaning}" for reason, meaning in explain_reasons(counts).items())
    return f"## Left out\n\n{table(HEADER, spread_splits(counts))}\n\n{meanings}" if counts else ""


def _labels(info: DatasetInfo) -> str:
    labels = info.labels
    if not labels.by_kind:
        return "## Labels\n\nEvery face is called what its source calls it."
    kinds = [[escape(kind.kind), f"{kind.changed:,}", f"{kind.dropped:,}"] for kind in labels.by_kind]
    n = {(change.old, change.new): f"{change.n:,}" for change in labels.from_to}
    changes = [[old, *(n.get((old, new), "") for new in (*EXPRESSIONS, DROP))] for old in EXPRESSIONS]
    n_gone = labels.n_changed_left_out
    gone = f"\n\nOf those changed, flags or limits left out {n_gone:,} afterwards." if n_gone else ""
    return f"""## Labels

By whom labels were changed, and from what (rows) to what (columns):

{table(["by", "changed", "left out"], kinds)}

{table(["", *EXPRESSIONS, "left out"], changes)}{gone}

Held back: {count_of(labels.n_held_back, "more change")} of faces that are not for training:
validation and test faces keep their sources' labels, and so may differ from the training's."""


def _quality(info: DatasetInfo) -> str:
    """Flags, where the data set has them."""
    quality = info.quality
    if quality is None:
        return ""
    n = {(row.flag, row.source, row.split): row.n for row in quality.counts}
    keys = dict.fromkeys((row.flag, row.source) for row in quality.counts)
    rows = [[flag, source, *(f"{n.get((flag, source, s), 0):,}" for s in SPLITS)] for flag, source in keys]
    gone = ", ".join(f"{n_gone:,} {flag}" for flag, n_gone in quality.left_out.by_flag.items()) or "none"
    flagged = table(["flag", "source", *SPLITS], rows) if rows else "No face is flagged."
    return f"## Flagged faces\n\n{flagged}\n\nLeft out beside them: {gone}."


def _alignment(info: DatasetInfo) -> str:
    """How many faces were found, where they were looked for."""
    rows = [[source, f"{n.found:,}", f"{n.not_found:,}"] for source, n in info.alignment.items()]
    return f"## Alignment\n\n{table(['source', 'found and aligned', 'not found, usual crop'], rows)}" if rows else ""


def _balance(info: DatasetInfo) -> str:
    found, recipe = describe_balance(info), info.recipe
    rules = [f"{source}: at most {count_of(n, 'training face')} a class" for source, n in recipe.caps]
    rules += [f"{source}: every class as many training faces as its rarest" for source in recipe.balance]
    rows = [
        [c.expression, *_stages(c), percent(c.share), *(f"{c.weights[name]:.2f}" for name in WEIGHTINGS)]
        for c in found.classes
    ]
    sources = [[s.source, *_stages(s), *(percent(s.shares[name]) for name in WEIGHTINGS)] for s in found.sources]
    stages = ["as split", "before limits", "within limits"]
    return f"""## Balance of the training

Limits: {"; ".join(rules) or "none"}; left out: {count_of(found.n_left_out, "training face")}.

{table(["expression", *stages, "share", *(f"weight, {name}" for name in WEIGHTINGS)], rows)}

A weight is what a training face counts under each `balance` of the training (sampler: how often it is drawn in a pass).
The sources' shares of the training under each:

{table(["source", *stages, *WEIGHTINGS], sources)}"""


def _stages(row: ClassBalance | SourceBalance) -> Sequence[str]:
    return ["-" if n is None else f"{n:,}" for n in row.stages]


def _limits(info: DatasetInfo) -> str:
    drawn = "Its faces are drawn: what is measured on them says nothing of photographs. " if info.drawn else ""
    return f"""## What it is not for

{drawn}The licences of its sources, above, hold for this set too: it is not for what they do not allow.
Its labels name the expression that people would write under a picture of a face, which is not what the person feels.
They are noisy, its faces are not a fair sample of people, and groups of people are not named in it, so that errors that
concern one more than another cannot be seen. Do not decide anything about a person with what is trained on it."""
