"""A fast parser for CSV files with each face's pixels as numbers: in one column, or in one column per pixel."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np

from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.pictures.picture import pixels_sha256
from fer_core.sources.pixels.lines import find_separator, read_lines, read_names, split_fields
from fer_core.sources.pixels.values import FaceParser, find_side, square_side, strict_numbers
from fer_core.sources.records import Problem

PIXELS = ("pixels", "pixel", "image_pixels", "pixel_values")
_PIXEL_COLUMN = re.compile(r"(?:pixel|pix|px|p)?[ _.-]?(\d+)(?:[x_,](\d+))?")
_N_PEEKED = 20  # rows that determine the faces' side


@dataclass(kw_only=True)
class PixelRows:
    """The valid rows of the file.

    Attributes:
        pixels: (N, side, side) uint8.
        fields: column name -> N strings, for every column except the pixels.
        row: (N,) row number in the file, the first one after the header being 1; if several files are read as one,
            the numbering continues from file to file.
        problems: one per invalid row.
        n_rows: rows of the file, valid or not.
        notes: on the conversion of the numbers.
        files: (name, rows before it) of each of several files; [] for one.
    """

    pixels: np.ndarray
    fields: dict[str, list[str]]
    row: np.ndarray
    problems: list[Problem]
    n_rows: int = 0
    notes: list[str] = field(default_factory=list)
    files: list[tuple[str, int]] = field(default_factory=list)

    @property
    def origins(self) -> list[str]:
        """The position of each row: "row 17", or with several files "train.csv row 17"."""
        if not self.files:
            return [f"row {number}" for number in self.row]
        starts = [start for _, start in self.files]
        places = [bisect_left(starts, number) - 1 for number in self.row.tolist()]
        return [f"{self.files[i][0]} row {n - starts[i]}" for i, n in zip(places, self.row.tolist(), strict=True)]

    def sort(self, problems: list[Problem]) -> list[Problem]:
        """Sorts problems in the order of the files and their rows."""
        names = [name for name, _ in self.files]

        def place(problem: Problem) -> tuple[int, int]:
            file, _, number = problem.origin.rpartition("row ")
            return (names.index(file.strip()) if file else 0), int(number)

        return sorted(problems, key=place)


@dataclass(frozen=True)
class _Layout:
    """The position of the pixels in a record: `at` for one cell, or else the columns in order."""

    names: list[str]
    separator: str
    at: int | None
    columns: tuple[int, ...] = ()

    def take_face(self, fields: list[bytes]) -> bytes:
        """Removes the face's numbers from a record's fields and returns them."""
        if self.at is not None:
            return fields.pop(self.at)
        cells = [fields[i] for i in self.columns]
        for i in sorted(self.columns, reverse=True):
            del fields[i]
        return b" ".join(cells)

    @property
    def others(self) -> list[str]:
        """The other columns' names, with a number for one without a name."""
        pixels = {self.at, *self.columns}
        return [name or f"column {i + 1}" for i, name in enumerate(self.names) if i not in pixels]


def read_header(path: Path) -> list[str]:
    """The names of a CSV's columns in lower case, the pixels as one column `pixels`; [] for a file without pixels."""
    try:
        layout = _read_layout(path)
    except (InputError, OSError):
        return []
    return [*layout.others, "pixels"] if layout else []


def read_pixel_rows(path: Path, limit: int | None = None) -> PixelRows:
    """Parses the file row by row; a row without the common number of pixels from 0 to 255 is a problem.

    Args:
        path: the CSV, perhaps compressed (.gz, .bz2, .xz).
        limit: read at most this many rows.

    Raises:
        InputError: if there is no column of pixels or no row.
    """
    layout = _need_layout(path)
    lines = islice(read_lines(path), 1, None)
    first = list(islice(lines, _N_PEEKED))
    parser = FaceParser(_find_side(first, layout))
    faces: list[np.ndarray] = []
    fields: list[list[bytes]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    n_rows = 0
    with strict_numbers():
        for number, line in enumerate(islice(chain(first, lines), limit), start=1):
            n_rows = number
            try:
                values = _split(line, layout)
                faces.append(parser.parse(layout.take_face(values), len(faces)))
            except ValueError as error:
                problems.append(Problem(f"row {number}", str(error)))
                continue
            fields.append(values)
            numbers.append(number)
    if not n_rows:
        raise InputError(f"{path.name} has a header but no rows. Download it again.")
    columns = zip(*fields, strict=True) if fields else [()] * len(layout.others)
    pixels = np.stack(faces) if faces else np.empty((0, parser.side, parser.side), np.uint8)
    texts = {name: list(map(_to_text, column)) for name, column in zip(layout.others, columns, strict=True)}
    rows = PixelRows(
        pixels=pixels, fields=texts, row=np.array(numbers, dtype=np.int64), problems=problems, n_rows=n_rows
    )
    return _settle_scale(rows, parser, path)


def read_faces_at(path: Path, sha256: Mapping[int, str]) -> Iterator[tuple[int, np.ndarray]]:
    """Yields (row number, (side, side) uint8), in the file's order, of rows whose face is unchanged.

    Args:
        path: the CSV.
        sha256: row number, as in `PixelRows.row`, -> the digest of its face's pixels.
    """
    layout = _need_layout(path)
    lines = islice(read_lines(path), 1, None)
    first = list(islice(lines, _N_PEEKED))
    side = _find_side(first, layout)
    for number, line in enumerate(chain(first, lines), start=1):
        if number in sha256:
            parser = FaceParser(side)
            with suppress(ValueError, IndexError), strict_numbers():
                face = parser.parse(layout.take_face(_split(line, layout)), 0)
                scaled = face * 255 if parser.small else face  # a face of 0 and 1 alone, in a file that runs to 1
                for pixels in (face, scaled):
                    if pixels_sha256(pixels) == sha256[number]:
                        yield number, pixels
                        break


def read_fields(path: Path) -> dict[str, list[str]]:
    """The columns other than the pixels, of all rows with the right number of fields; the pixels are not parsed."""
    layout = _need_layout(path)
    found = []
    for line in islice(read_lines(path), 1, None):
        with suppress(ValueError):
            values = _split(line, layout)
            layout.take_face(values)
            found.append(values)
    columns = zip(*found, strict=True) if found else [()] * len(layout.others)
    return {name: list(map(_to_text, column)) for name, column in zip(layout.others, columns, strict=True)}


def _settle_scale(rows: PixelRows, parser: FaceParser, path: Path) -> PixelRows:
    """Settles faces of only 0 and 1, whose scale is known once all rows are read: they follow the others."""
    if parser.n_rounded:
        rows.notes.append(f"{count_of(parser.n_rounded, 'face')} with fractional grey levels, which are rounded")
    if not parser.unit:
        return rows
    if parser.is_full:
        number = rows.row[parser.unit[0]]
        raise InputError(
            f"{path.name} has pixels from 0 to 1 (row {number}) and from 0 to 255 in other rows. "
            "Write all of them from 0 to 255."
        )
    rows.pixels[parser.small] *= 255
    rows.notes.append("pixels from 0 to 1, scaled to 255")
    return rows


def _split(line: bytes, layout: _Layout) -> list[bytes]:
    values = split_fields(line, layout.separator)
    n = len(layout.names)
    if len(values) > n and not any(value.strip() for value in values[n:]):
        del values[n:]  # empty fields at the end
    if len(values) != n:
        raise ValueError(f"expected {n} columns, got {len(values)}")
    return values


def _find_side(lines: list[bytes], layout: _Layout) -> int:
    if layout.at is None:
        return square_side(len(layout.columns))
    cells = []
    for line in lines:
        with suppress(ValueError):
            cells.append(layout.take_face(_split(line, layout)))
    return find_side(cells)


def _need_layout(path: Path) -> _Layout:
    layout = _read_layout(path)
    if layout is None:
        names = read_names(next(read_lines(path), b""), ",")
        shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
        raise InputError(f"{path.name} has the columns {shown}, but none named pixels. Give fer2013.csv.")
    return layout


def _read_layout(path: Path) -> _Layout | None:
    """The position of the file's pixels; None without pixels.

    Raises:
        InputError: if two columns have the same name.
    """
    header = next(read_lines(path), b"")
    separator = find_separator(header)
    try:
        names = read_names(header, separator)
    except ValueError:
        return None
    at = next((names.index(name) for name in PIXELS if name in names), None)
    columns = () if at is not None else _find_pixel_columns(names)
    if at is None and not columns:
        return None
    layout = _Layout(names, separator, at, columns)
    if len(set(layout.others)) < len(layout.others):
        raise InputError(f"{path.name} has two columns named {', '.join(layout.others)}. Rename one in its first line.")
    return layout


def _find_pixel_columns(names: list[str]) -> tuple[int, ...]:
    """The columns of the pixels from the top left, row by row; () if they do not form a square."""
    found = [(match, i) for i, name in enumerate(names) if (match := _PIXEL_COLUMN.fullmatch(name))]
    if not square_side(len(found)):
        return ()
    keys = sorted((int(match[1]), int(match[2] or 0), i) for match, i in found)
    places = [key[:2] for key in keys]
    first, side = places[0][0], square_side(len(found))
    by_place = [(first + i // side, places[0][1] + i % side) for i in range(side**2)]
    if places not in ([(first + i, 0) for i in range(side**2)], by_place) or first > 1:
        return ()
    return tuple(i for *_, i in keys)


def _to_text(value: bytes) -> str:
    return value.decode("utf-8", "replace").strip().strip('"').strip()
