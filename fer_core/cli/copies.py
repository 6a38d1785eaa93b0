"""`fer data copies`: what each rule for copies would take from which source."""

from typing import Annotated

import typer

from fer_core.cli.output import AsJson, print_json, print_table, progress_line


def copies(
    source: Annotated[list[str], typer.Option(help="as in fer data assemble; again for each")],
    split: Annotated[str, typer.Option(help="official, 80:10:10, or leave-out:SOURCE")] = "official",
    size: Annotated[int, typer.Option(help="side of the faces: 48, 64 or 96 px")] = 48,
    seed: Annotated[int, typer.Option(help="of drawn splits")] = 0,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="go on past bad rows")] = False,
    near: Annotated[bool, typer.Option(help="mirrored, re-encoded and rescaled pictures are copies too")] = True,
    align: Annotated[bool, typer.Option("--align", help="find each face and bring it to one frame")] = False,
    json: AsJson = False,
) -> None:
    """Count the faces that each rule for copies (fer data assemble --copies) would take from each source."""
    from fer_core.data.copies import COPY_RULES
    from fer_core.data.copy_counts import count_copies
    from fer_core.data.recipe import Recipe, parse_source

    given = tuple(map(parse_source, source))
    recipe = Recipe("copies", given, split, size, seed, skip_bad, near=near, align=align)
    counts = count_copies(recipe, progress_line())
    if json:
        print_json(counts)
        return
    n = {(row["rule"], row["source"]): row["n"] for row in counts}
    sources = {row["source"]: row["n_faces"] for row in counts}
    rows = [[rule, *(_say(n[rule, s]) for s in sources), COPY_RULES[rule]] for rule in COPY_RULES]
    print_table(("rule", *sources, "takes"), [*rows, ["of", *(f"{n_faces:,}" for n_faces in sources.values()), ""]])


def _say(n: int | None) -> str:
    return "too many" if n is None else f"{n:,}"
