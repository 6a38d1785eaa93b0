"""Checks made before anything is packed, downloaded or assembled."""

import re

from fer_core.datasets.dataset import dataset_names
from fer_core.errors import InputError
from fer_core.studies.gpu.wheels import PYTHON
from fer_core.studies.results.places import Places, split_source
from fer_core.studies.results.rows import Row
from fer_core.studies.results.table_file import TableFile


def check_python(python: str) -> None:
    """Raises InputError unless it is a version such as 3.12."""
    if not re.fullmatch(r"3\.\d{1,2}", python):
        raise InputError(f"--python: expected a version such as {PYTHON}, got {python!r}. Change it and start again.")


def check_data(table: TableFile, rows: list[Row], places: Places) -> None:
    """Checks that the rows' data sets can be packed: they are in the workspace, or their sources exist.

    Raises:
        InputError: for a missing source; the message names the option that sets it.
    """
    for name in sorted({row.dataset for row in rows if row.uses_dataset}):
        spec = table.datasets[name]
        if not spec.of and not spec.drawn:
            raise InputError(
                f"The data set {name!r} would be packed uncompressed, four times larger. Give its rows a "
                f'compressed one: [dataset.{name}-webp] of = "{name}" in {table.path.name}.'
            )
        base = spec.of or name
        if {name, base} & set(dataset_names()):
            continue
        for source in table.datasets[base].sources:
            if source not in places:
                path = split_source(table.sources[source])[1]
                raise InputError(
                    f"The data set {base!r} needs {path}, which does not exist. Give its folder with --data "
                    f"FOLDER, or its path with --source {source}=PATH."
                )
