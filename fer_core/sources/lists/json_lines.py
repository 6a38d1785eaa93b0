"""Lists with one JSON object per line, as in Hugging Face's image folders, as tables of strings."""

import codecs
import json
from pathlib import Path
from typing import Any

import pandas as pd

from fer_core.errors import InputError
from fer_core.sources.lists.csv_files import open_packed, read_text
from fer_core.sources.records import Problem

_HEAD_BYTES = 1 << 16


def read_json_lines(path: Path, problems: list[Problem]) -> pd.DataFrame:
    """The file as a table of strings, indexed by row number from 1; a missing value is "".

    Args:
        path: the file.
        problems: receives the lines that are not objects.

    Raises:
        InputError: if no line is an object.
    """
    numbers, rows = [], []
    for number, line in enumerate((line for line in read_text(path).splitlines() if line.strip()), start=1):
        row = _parse(line)
        if row is None:
            problems.append(Problem(f"row {number}", "it is not a JSON object"))
            continue
        numbers.append(number)
        rows.append(row)
    if not rows:
        raise InputError(f"{path.name} has no JSON object in any line. Save it again with one object per line.")
    columns = dict.fromkeys(name for row in rows for name in row)
    table = pd.DataFrame(rows, index=numbers, columns=list(columns), dtype=object)
    return table.where(table.notna(), "")


def read_json_columns(path: Path) -> list[str]:
    """The names in the first line's object, in lower case; [] if it is not an object."""
    try:
        with open_packed(path) as file:
            head = file.read(_HEAD_BYTES)
        encoding = "utf-16" if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
        line = head.decode(encoding, "replace").lstrip().partition("\n")[0]
    except (OSError, EOFError):
        return []
    return list(_parse(line) or ())


def _parse(line: str) -> dict[str, str] | None:
    try:
        document = json.loads(line)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    return {str(name).strip().lower(): _to_text(value) for name, value in document.items()}


def _to_text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
