"""`fer data source-leak`: how well the source can be predicted from the pixels."""

from typing import Annotated

import typer

from fer_core.base.text import count_of, percent
from fer_core.cli.output import AsJson, print_json, print_table, progress_line


def source_leak(
    name: str,
    n: Annotated[int, typer.Option("--n", min=20, help="maximum number of faces per source")] = 1500,
    seed: Annotated[int, typer.Option(help="seed of the sample, the split and the classifier")] = 0,
    json: AsJson = False,
) -> None:
    """Measure source leakage: train a classifier to predict the source of a face, before and after assembling."""
    from dataclasses import asdict

    from fer_core.datasets.dataset import open_dataset
    from fer_core.studies.source_leak.measure import measure_leak
    from fer_core.studies.source_leak.net import tell_source

    leak = measure_leak(open_dataset(name), tell_source, n, seed, progress_line())
    if json:
        print_json(asdict(leak))
        return
    print(f"{count_of(leak.n_train, 'face')} for training, {leak.n_test:,} for testing; {leak.describe_draw()}")
    for when, classified in (("before", leak.before), ("after", leak.after)):
        if classified is None:
            print("before: not measured, because too few of the sources' pictures can still be read")
            continue
        interval = f"{percent(classified.low)} to {percent(classified.high)}"
        accuracy, chance = percent(classified.balanced_accuracy), percent(leak.chance)
        print(f"{when}: balanced accuracy {accuracy} ({interval}; chance {chance})")
        rows = [(source, *counts) for source, counts in zip(leak.sources, classified.confusion, strict=True)]
        print_table(("true \\ predicted", *leak.sources), rows)
