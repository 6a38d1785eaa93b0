"""`fer data delete`: delete a data set."""

import typer

from fer_core.cli.options import Yes


def delete(name: str, yes: Yes = False) -> None:
    """Delete the data set NAME. Runs trained on it keep their files, and its list of corrections is kept."""
    from fer_core.datasets.dataset import find_folder
    from fer_core.studies.dataset_use import delete_unused, find_use

    path, use = find_folder(name), find_use(name)
    if not use.at_work:
        print(use.describe())
        if not yes:
            typer.confirm(f"Delete {name} and everything in {path}?", abort=True)
    delete_unused(name)
    print(f"{name} is deleted.")
