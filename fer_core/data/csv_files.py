"""CSV files as strings, with the sentence a person needs when one cannot be read."""

import csv
import io
from pathlib import Path

import pandas as pd

from fer_core.errors import InputError


def read_csv(path: Path, needs: tuple[str, ...] = ()) -> pd.DataFrame:
    """The file as a table of strings; separator and encoding are found out.

    Args:
        path: the file.
        needs: columns that must be there, compared without regard to case and spaces; they come back
            under these names.

    Raises:
        InputError: when the file is empty, cut off inside a quote, has uneven rows or lacks a column.
    """
    try:
        text = _decode(path.read_bytes())
        separator = _find_separator(text)
        table = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, skipinitialspace=True)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            f"{path.name} cannot be read as a CSV ({error}). Save it again as a CSV with a header."
        ) from error
    by_key = {str(column).strip().lower(): column for column in table.columns}
    missing = [column for column in needs if column.lower() not in by_key]
    if missing:
        raise InputError(
            f"{path.name} has the columns {', '.join(map(str, table.columns))}; it needs {', '.join(needs)}. "
            "Rename the columns in its first line."
        )
    return table.rename(columns={by_key[column.lower()]: column for column in needs})


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _find_separator(text: str) -> str:
    first = text.split("\n", 1)[0]
    try:
        return csv.Sniffer().sniff(first, delimiters=",;\t|").delimiter
    except csv.Error:
        return ","
