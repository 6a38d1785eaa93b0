"""A quick parser for CSV files whose one column holds a face as 2,304 numbers."""

import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_core.data.records import Problem
from fer_core.errors import InputError

SIDE_PX = 48
N_PIXELS = SIDE_PX * SIDE_PX


@dataclass
class PixelRows:
    """The good rows of the file.

    Attributes:
        pixels: (N, 48, 48) uint8.
        fields: column name -> N strings, for every column but the pixels.
        row: (N,) row number in the file, the first one after the header being 1.
        problems: a row each.
    """

    pixels: np.ndarray
    fields: dict[str, list[str]]
    row: np.ndarray
    problems: list[Problem]


def read_header(path: Path) -> list[str]:
    """The column names of a CSV, stripped of spaces and quotes, in lower case."""
    with path.open("rb") as file:
        line = file.readline(1 << 16)
    return [name.strip().strip('"').lower() for name in line.decode("utf-8-sig", "replace").split(",")]


def read_pixel_rows(path: Path) -> PixelRows:
    """Parses the file row by row; a row that is not 2,304 numbers from 0 to 255 becomes a problem.

    Raises:
        InputError: when there is no `pixels` column or no row.
    """
    header = read_header(path)
    if "pixels" not in header:
        raise InputError(f"{path.name} has the columns {', '.join(header)}, but none named pixels. Give fer2013.csv.")
    at = header.index("pixels")
    names = [name for name in header if name != "pixels"]
    faces, fields, numbers, problems = [], [], [], []
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # what numpy calls text after the last number
        file.readline()
        for number, line in enumerate((line for line in file if line.strip()), start=1):
            values = line.split(b",")
            try:
                if len(values) != len(header):
                    raise ValueError(f"expected {len(header)} columns, got {len(values)}")
                faces.append(_parse_face(values.pop(at)))
            except ValueError as error:
                problems.append(Problem(f"row {number}", str(error)))
                continue
            fields.append(values)
            numbers.append(number)
    if not faces and not problems:
        raise InputError(f"{path.name} has a header and no row. Download it again.")
    columns = zip(*fields, strict=True) if fields else [()] * len(names)
    return PixelRows(
        np.stack(faces) if faces else np.empty((0, SIDE_PX, SIDE_PX), np.uint8),
        {name: [_to_text(value) for value in column] for name, column in zip(names, columns, strict=True)},
        np.array(numbers, dtype=np.int64),
        problems,
    )


def read_faces_at(path: Path, numbers: set[int]) -> Iterator[tuple[int, np.ndarray]]:
    """Yields (row number, (48, 48) uint8) of the rows asked for, in the file's order; rows that are no face are not.

    The numbers are those of `PixelRows.row`.
    """
    header = read_header(path)
    at = header.index("pixels")
    with path.open("rb") as file:
        file.readline()
        for number, line in enumerate((line for line in file if line.strip()), start=1):
            if number in numbers:
                with suppress(ValueError, IndexError):
                    yield number, _parse_face(line.split(b",")[at])


def _parse_face(text: bytes) -> np.ndarray:
    try:
        values = np.fromstring(text.strip(b'" \t\r\n'), np.int16, sep=" ")  # several times as fast as int()
    except (ValueError, DeprecationWarning) as error:
        raise ValueError("a pixel is not a whole number from 0 to 255") from error
    if len(values) != N_PIXELS:
        raise ValueError(f"expected {N_PIXELS} pixels ({SIDE_PX}x{SIDE_PX}), got {len(values)}")
    if values.min() < 0 or values.max() > 255:
        raise ValueError("a pixel is not a whole number from 0 to 255")
    return values.astype(np.uint8).reshape(SIDE_PX, SIDE_PX)


def _to_text(value: bytes) -> str:
    return value.decode("utf-8", "replace").strip().strip('"')
