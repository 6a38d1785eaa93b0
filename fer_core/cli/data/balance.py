"""`fer data balance | card`: the weight of each class and source in training, and a data set's card."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from fer_core.base.text import count_of, percent
from fer_core.cli.output import AsJson, print_json, print_table

if TYPE_CHECKING:
    from fer_core.datasets.info import DatasetInfo


def balance(name: str, json: AsJson = False) -> None:
    """Show the training faces of the data set NAME before and after caps, and their weights, by class and source."""
    from fer_core.datasets.checks.class_balance import describe_balance
    from fer_core.datasets.class_weights import WEIGHTINGS
    from fer_core.datasets.dataset import open_dataset

    found = describe_balance(open_dataset(name).info)
    if json:
        print_json({"dataset": name, **asdict(found)})
        return
    print("Training faces as split, before and within the limits, and the weight of a face of each class:")
    rows = [
        (
            c.expression,
            *map(_number, c.stages),
            percent(c.share),
            _number(round(c.effective_number)),
            *(f"{c.weights[name]:.2f}" for name in WEIGHTINGS),
        )
        for c in found.classes
    ]
    print_table(("expression", "as split", "before limits", "within limits", "share", "effective n", *WEIGHTINGS), rows)
    print("\nShare of each source in training:")
    rows = [
        (s.source, *map(_number, s.stages), *(percent(s.shares[name]) for name in WEIGHTINGS)) for s in found.sources
    ]
    print_table(("source", "as split", "before limits", "within limits", *WEIGHTINGS), rows)
    if found.sources[0].n_before is None:
        print(
            "This data set was assembled by an earlier version that did not record the faces before the limits: fer "
            f"data again {name}"
        )


def card(name: str) -> None:
    """Print the card of the data set NAME: sources, licences, faults, counts, copies, and the command that makes it."""
    from fer_core.datasets.assembling.card import read_card
    from fer_core.datasets.dataset import open_dataset

    dataset = open_dataset(name)
    print(read_card(dataset.path, dataset.info), end="")


def print_left_out(info: "DatasetInfo") -> None:
    """Prints how many training faces of each source are within its limits; nothing if none was excluded."""
    from fer_core.datasets.checks.class_balance import describe_balance

    if not (info.balance and info.balance.n_left_out):
        return
    for part in describe_balance(info).sources:
        if part.n_before is not None and part.n_after < part.n_before:
            before = count_of(part.n_before, "training face")
            print(f"{part.source}: {part.n_after:,} of {before} within its limit")


def _number(n: int | None) -> str:
    return "-" if n is None else f"{n:,}"
