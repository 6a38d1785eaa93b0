"""A table of results beside the kept workspace, filled by `fer results run` with runs that are there already."""

import json
from pathlib import Path

from fer_core.datasets.assembling.assemble import no_progress
from fer_core.studies.results.datasets import ensure_dataset
from fer_core.studies.results.places import find_places
from fer_core.studies.results.run import Options, Runner
from fer_core.studies.results.table import write_table
from fer_core.studies.results.table_file import read_table_file
from tests.kept_workspace.trainings import TINY, new_run, train

_TABLE = """[sources]
fer2013 = "fer2013=fer2013/fer2013.csv"

[dataset.table]
sources = ["fer2013"]
choices = { near = false, skip_bad = true }

[section.main]
title = "Main"
val = "validation"
test = "test"

[[row]]
name = "twice"
kind = "train"
title = "A training with two seeds"
section = "main"
dataset = "table"
set = SET
seeds = [0, 1]

[[row]]
name = "again"
kind = "evaluate"
title = "The same, one view of a face"
section = "main"
dataset = "table"
of = "twice"
views = "one"

[[row]]
name = "mean"
kind = "ensemble"
title = "Their mean"
section = "main"
dataset = "table"
members = ["twice"]

[[row]]
name = "long"
kind = "train"
title = "A training that nobody has begun"
section = "main"
dataset = "table"
set = SET
why_not = "It takes hours."

[[row]]
name = "earlier"
kind = "recorded"
title = "From earlier"
section = "main"

[[row.recorded]]
on = 2026-11-24
command = "fer train --preset old"
epochs = "6"
n = 3589
val = 58.1
test = 59.6
"""
_OWN = ("dataset", "epochs")


def write_results(root: Path) -> None:
    """Writes `root/results.toml` and, by its rows, `root/results` and `root/results.md`; trains what they take."""
    settings = {**{field: value for field, value in TINY.items() if field not in _OWN}, "epochs": 1}
    text = ", ".join(f"{field} = {json.dumps(value)}" for field, value in settings.items())
    path = root / "results.toml"
    path.write_text(_TABLE.replace("SET", f"{{ {text} }}"))
    table = read_table_file(path)
    places = find_places(table.sources, str(root / "sources"), [])
    ensure_dataset("table", table.datasets["table"], table.sources, places, no_progress)
    for seed in (0, 1):
        train(new_run(f"twice seed {seed}", dataset="table", seed=seed, epochs=1))
    Runner(table, Options(places=places), print).run()
    write_table(table)
