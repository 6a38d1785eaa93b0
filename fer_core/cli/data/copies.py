"""`fer data copies`: how many faces each rule for copies would remove from each source."""

from typing import TYPE_CHECKING, Annotated

import typer

from fer_core.base.text import count_of
from fer_core.cli.data import options
from fer_core.cli.output import AsJson, print_json, print_table, progress_line

if TYPE_CHECKING:
    from fer_core.datasets.info import DatasetInfo

TURNED_WAY = "Assemble with --turned to search for them."


def copies(
    source: Annotated[list[str], typer.Option(help="as in fer data assemble; may be repeated")],
    split: options.Split = "official",
    size: options.Size = 48,
    seed: options.Seed = 0,
    skip_bad: options.SkipBad = False,
    near: options.Near = True,
    turned: options.Turned = None,
    align: options.Align = False,
    json: AsJson = False,
) -> None:
    """Count the faces that each rule for copies (fer data assemble --copies) would remove from each source."""
    from fer_core.datasets.assembling.copy_counts import count_copies
    from fer_core.datasets.assembling.recipe import DatasetRecipe, parse_source
    from fer_core.datasets.checks.copies import COPY_RULES

    given = tuple(map(parse_source, source))
    recipe = DatasetRecipe(
        "copies",
        sources=given,
        split=split,
        size=size,
        seed=seed,
        skip_bad=skip_bad,
        near=near,
        align=align,
        turned=turned,
    )
    counts = count_copies(recipe, progress_line())
    if json:
        print_json([row.to_document() for row in counts])
        return
    n = {(row.rule, row.source): row.n for row in counts}
    sources = {row.source: row.n_faces for row in counts}
    rows = [[rule, *(_say(n[rule, s]) for s in sources), COPY_RULES[rule]] for rule in COPY_RULES]
    print_table(("rule", *sources, "takes"), [*rows, ["of", *(f"{n_faces:,}" for n_faces in sources.values()), ""]])


def print_copies(info: "DatasetInfo") -> None:
    """Prints what `dataset.json` records about the copies in a data set."""
    from fer_core.datasets.checks.copies import name_places
    from fer_core.datasets.checks.turned.search import explain_unsearched

    places = name_places(info.recipe.copies)
    for kind, counts in (("copies", info.copies), ("with near copies", info.copies.near)):
        if counts:
            print(
                f"{kind}: {count_of(counts.groups, 'group')} of {count_of(counts.images, 'face')}, "
                f"{counts.groups_across_splits:,} {places}, "
                f"{counts.groups_with_contradicting_labels:,} with contradicting labels; "
                f"{count_of(counts.test_faces_with_copy_in_train, 'test face')} with a copy in training"
            )
    if info.copies.test_faces_with_copy_in_train and info.recipe.copies == "keep":
        print("  assemble with --copies drop_leaks to remove them from training")
    if why := explain_unsearched(info):
        print(f"  {why} {TURNED_WAY}")


def _say(n: int | None) -> str:
    return "too many" if n is None else f"{n:,}"
