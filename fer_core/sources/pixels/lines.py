"""Streaming the records of a CSV, for any encoding, line ends and compression: files of pixels are large."""

import csv
import io
import lzma
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from fer_core.errors import InputError
from fer_core.sources.lists.csv_files import guess_encodings, open_packed

_HEAD_BYTES = 1 << 16
_SEPARATORS = ",;\t|"
_MAX_FIELD = 1 << 24  # characters: a face of 2,000 px per side


def read_lines(path: Path) -> Iterator[bytes]:
    """Yields the file's records in UTF-8 without blank lines, the header first; a quoted field may contain line ends.

    Raises:
        InputError: if a quote is never closed, or a compressed file is truncated.
    """
    csv.field_size_limit(_MAX_FIELD)
    number = 0
    try:
        with open_packed(path) as file:
            open_record: list[bytes] = []
            for line in _split_lines(file):
                if open_record:
                    open_record.append(line)
                    if line.count(b'"') % 2:
                        yield b"".join(open_record)
                        open_record = []
                elif b'"' in line and line.count(b'"') % 2:
                    open_record, number = [line], number + 1
                elif line.strip():
                    number += 1
                    yield line
    except (EOFError, lzma.LZMAError, zlib.error, OSError) as error:
        raise InputError(f"{path.name} cannot be read to its end ({error}). Download it again.") from error
    if open_record:
        raise InputError(f"{path.name} row {number - 1} opens a quote that is never closed. Save it again as a CSV.")


def find_separator(header: bytes) -> str:
    """The separator of a header's fields: a comma, semicolon, tab or bar."""
    unquoted = re.sub(r'"[^"]*"', "", header.decode("utf-8", "replace"))
    return max(_SEPARATORS, key=unquoted.count)


def split_fields(line: bytes, separator: str) -> list[bytes]:
    """The fields of a record, possibly with surrounding spaces and quotes.

    Raises:
        ValueError: with a phrase, if its quotes are not valid CSV.
    """
    if b'"' not in line:
        return line.rstrip(b"\r\n").split(separator.encode())
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    try:
        (fields,) = csv.reader([text], delimiter=separator, skipinitialspace=True)
    except (csv.Error, ValueError) as error:
        raise ValueError(f"its quotes cannot be read ({error})") from error
    return [field.encode() for field in fields]


def read_names(line: bytes, separator: str) -> list[str]:
    """The column names of a header, stripped of spaces and quotes, in lower case, without empty ones at the end."""
    names = [field.decode("utf-8", "replace").strip(" \"'\r\n\t").lower() for field in split_fields(line, separator)]
    while names and not names[-1]:
        names.pop()
    return names


def _split_lines(file: IO[bytes]) -> Iterator[bytes]:
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    encoding = guess_encodings(head)[0]
    end = re.search(rb"\r\n?|\n", head)
    if encoding == "utf-8-sig" and not (end and end[0] == b"\r"):
        if head.startswith(b"\xef\xbb\xbf"):
            file.seek(3)
        yield from file
        return
    with io.TextIOWrapper(cast("io.BufferedReader", file), encoding, "replace", newline=None) as text:
        for line in text:
            yield line.encode()
