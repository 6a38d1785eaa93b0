"""CSV files as tables of strings, with a clear error if one cannot be read."""

import bz2
import codecs
import csv
import gzip
import io
import lzma
import re
import zlib
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import pandas as pd

from fer_core.errors import InputError
from fer_core.sources.records import Problem

_SEPARATORS = ",;\t|"
_HEADER_BYTES = 1 << 16
_PACKED: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_PACKED_SUFFIXES = (".gz", ".bz2", ".xz")


def read_csv(path: Path, needs: tuple[str, ...] = (), problems: list[Problem] | None = None) -> pd.DataFrame:
    """The file as a table of strings, indexed by row number, the first row after the header being 1.

    Separator (comma, semicolon, tab or bar), encoding (UTF-8, UTF-16 or Latin-1) and line ends are detected;
    blank lines are skipped.

    Args:
        path: the file.
        needs: required columns, compared without regard to case and spaces; they are returned under these names.
        problems: receives the rows whose number of fields differs from the header's; None: they are refused.

    Raises:
        InputError: if the file is empty, truncated inside a quote, has uneven rows, or lacks a column.
    """
    columns, *lines = _parse(path, read_text(path))
    uneven: list[Problem] = []
    numbers, rows = [], []
    for number, fields in enumerate(lines, start=1):
        if len(fields) > len(columns) and not any(fields[len(columns) :]):
            fields = fields[: len(columns)]  # spreadsheets fill rows up with empty fields
        if len(fields) != len(columns):
            uneven.append(Problem(f"row {number}", f"expected {len(columns)} columns, got {len(fields)}"))
            continue
        numbers.append(number)
        rows.append(fields)
    if uneven and problems is None:
        first = uneven[0]
        raise InputError(f"{path.name} {first.origin}: {first.message}. Save it again as a CSV with a header.")
    if problems is not None:
        problems.extend(uneven)
    table = pd.DataFrame(rows, index=numbers, columns=columns, dtype=object)
    return table.rename(columns=_find_columns(path, columns, needs))


def read_columns(path: Path) -> list[str]:
    """The names in the file's first line, stripped and in lower case; [] if it is not a CSV."""
    try:
        with open_packed(path) as file:
            head = _decode_head(file.read(_HEADER_BYTES))
        return [name.lower() for name in _parse(path, _first_line(head))[0]]
    except (InputError, EOFError, lzma.LZMAError, zlib.error, OSError):
        return []


def read_text(path: Path) -> str:
    """The file's text, in any of the usual encodings; a compressed file (.gz, .bz2, .xz) is unpacked."""
    try:
        with open_packed(path) as file:
            return _decode(file.read())
    except (EOFError, lzma.LZMAError, zlib.error, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise InputError(f"{path.name} cannot be unpacked ({error}). Download it again.") from error


def open_packed(path: Path) -> IO[bytes]:
    """The file open for reading, decompressed if its first bytes are those of gzip, bzip2 or xz."""
    with path.open("rb") as file:
        start = file.read(6)
    for magic, opener in _PACKED.items():
        if start.startswith(magic):
            return cast("IO[bytes]", opener(path, "rb"))
    return path.open("rb")


def strip_packed(path: Path) -> str:
    """The suffix without compression, in lower case: .csv for list.csv and for list.csv.gz."""
    plain = Path(path.name.lower())
    return (plain.with_suffix("") if plain.suffix in _PACKED_SUFFIXES else plain).suffix


def _parse(path: Path, text: str) -> list[list[str]]:
    unquoted = re.sub(r'"[^"]*"', "", _first_line(text))
    separator = max(_SEPARATORS, key=unquoted.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    try:
        rows = [row for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise InputError(
            f"{path.name} cannot be read as a CSV (line {reader.line_num}: {error}). "
            "Save it again as a CSV with a header."
        ) from error
    if not rows:
        raise InputError(f"{path.name} is empty. Save it again as a CSV with a header.")
    rows[0] = [name.strip() for name in rows[0]]
    return rows


def _first_line(text: str) -> str:
    return re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]


def _find_columns(path: Path, columns: list[str], needs: tuple[str, ...]) -> dict[str, str]:
    """Their name in the file -> the name asked for."""
    by_key = {column.lower(): column for column in columns}
    named = [column.lower() for column in columns if column]
    if len(set(named)) < len(named):
        raise InputError(f"{path.name} has two columns named {', '.join(columns)}. Rename one in its first line.")
    missing = [column for column in needs if column.lower() not in by_key]
    if missing:
        raise InputError(
            f"{path.name} has the columns {', '.join(columns)}; it needs {', '.join(needs)}. "
            "Rename the columns in its first line."
        )
    return {by_key[column.lower()]: column for column in needs}


def _decode(data: bytes) -> str:
    for encoding in guess_encodings(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _decode_head(data: bytes) -> str:
    """The text of a file's first bytes, which may end inside a character."""
    for encoding in guess_encodings(data):
        with suppress(UnicodeDecodeError):
            return codecs.getincrementaldecoder(encoding)().decode(data)
    return data.decode("latin-1")


def guess_encodings(data: bytes) -> tuple[str, ...]:
    """The encodings that a file with these first bytes may be in, the likeliest first."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if data[1:2] == b"\0":
        return ("utf-16-le",)
    if data[:1] == b"\0":
        return ("utf-16-be",)
    return "utf-8-sig", "cp1252"
