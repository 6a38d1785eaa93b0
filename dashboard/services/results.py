"""The table of results, read from its files each time, because a command writes them."""

from pathlib import Path

from fer_core.studies.results.lines import Shown, read_rows
from fer_core.studies.results.table_file import find_table_file, read_table_file


def load_results(path: Path | None = None) -> tuple[list[Shown], dict[str, str]]:
    """Every row with its lines, and the sections' titles by key; nothing where there is no such table.

    Args:
        path: of `results.toml`; None: the project's, which an installed package does not have.

    Raises:
        InputError: when one of its files is damaged.
    """
    path = path or find_table_file()
    if path is None:
        return [], {}
    table = read_table_file(path)
    return read_rows(table), {key: section.title for key, section in table.sections.items()}
