"""A quick parser for CSV files whose one column holds a face as 2,304 numbers, by columns of bytes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_core.data.records import Problem
from fer_core.errors import InputError

SIDE_PX = 48
N_PIXELS = SIDE_PX * SIDE_PX
_BLOCK_BYTES = 16 << 20
_COMMA, _QUOTE, _SPACE = ord(","), ord('"'), ord(" ")


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
    """Parses the file block by block; a row that is not 2,304 numbers from 0 to 255 becomes a problem.

    Raises:
        InputError: when there is no `pixels` column or no row.
    """
    header = read_header(path)
    if "pixels" not in header:
        raise InputError(f"{path.name} has the columns {', '.join(header)}, but none named pixels. Give fer2013.csv.")
    rows = PixelRows(np.empty((0,)), {name: [] for name in header if name != "pixels"}, np.empty((0,)), [])
    blocks, numbers, n_seen = [], [], 0
    with path.open("rb") as file:
        file.readline()
        rest = b""
        while True:
            block = file.read(_BLOCK_BYTES)
            cut = block.rfind(b"\n") + 1 if block else 0
            text = rest + (block[:cut] if block else b"")
            rest = block[cut:] if cut else (rest + block if block else b"")
            lines = [line for line in text.splitlines() if line.strip()]
            if lines:
                pixels, good = _parse_lines(lines, header, n_seen, rows)
                blocks.append(pixels)
                numbers.append(good)
                n_seen += len(lines)
            if not block:
                break
    if not n_seen:
        raise InputError(f"{path.name} has a header and no row. Download it again.")
    rows.pixels = np.concatenate(blocks)
    rows.row = np.concatenate(numbers)
    return rows


def _parse_lines(
    lines: list[bytes], header: list[str], n_before: int, rows: PixelRows
) -> tuple[np.ndarray, np.ndarray]:
    at = header.index("pixels")
    good_texts, good_rows = [], []
    for i, line in enumerate(lines):
        values = line.split(b",")
        number = n_before + i + 1
        if len(values) != len(header):
            rows.problems.append(Problem(f"row {number}", f"expected {len(header)} columns, got {len(values)}"))
            continue
        text = values[at].strip(b'" \t\r')
        n_found = text.count(b" ") + 1
        if n_found != N_PIXELS and len(text.split()) != N_PIXELS:
            n_found = len(text.split())
            rows.problems.append(
                Problem(f"row {number}", f"expected {N_PIXELS} pixels ({SIDE_PX}x{SIDE_PX}), got {n_found}")
            )
            continue
        good_texts.append(text if n_found == N_PIXELS else b" ".join(text.split()))
        good_rows.append((number, values))
    parsed, is_number = _parse_numbers(good_texts)
    for keep, (number, values) in zip(is_number, good_rows, strict=True):
        if not keep:
            rows.problems.append(Problem(f"row {number}", "a pixel is not a whole number from 0 to 255"))
            continue
        for name, value in zip(header, values, strict=True):
            if name != "pixels":
                rows.fields[name].append(value.decode("utf-8", "replace").strip().strip('"'))
    kept = np.array([number for keep, (number, _) in zip(is_number, good_rows, strict=True) if keep], dtype=np.int64)
    return parsed[is_number], kept


def _parse_numbers(texts: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Space-separated numbers -> (N, 48, 48) uint8 and (N,) whether all of a row's numbers are 0 to 255.

    Works on whole arrays of bytes: a number ends before each space, and its tens and hundreds are the
    bytes before, where those are digits too.
    """
    if not texts:
        return np.empty((0, SIDE_PX, SIDE_PX), np.uint8), np.empty(0, bool)
    data = np.frombuffer(b"   " + b" ".join(texts) + b" ", np.uint8)
    digits = data - ord("0")  # wraps round below "0", so anything that is no digit is above 9
    ends = np.flatnonzero(data[3:] == _SPACE) + 2  # the last byte of each number
    ones, tens, hundreds = (digits[ends - k] for k in range(3))
    has_tens = data[ends - 1] != _SPACE
    has_hundreds = has_tens & (data[ends - 2] != _SPACE)
    value = ones.astype(np.uint16)
    value += np.where(has_tens, tens, 0).astype(np.uint16) * 10
    value += np.where(has_hundreds, hundreds, 0).astype(np.uint16) * 100
    good = (ones <= 9) & (~has_tens | (tens <= 9)) & (~has_hundreds | (hundreds <= 9)) & (value <= 255)
    good &= ~has_hundreds | (data[ends - 3] == _SPACE)
    return (
        value.astype(np.uint8).reshape(len(texts), SIDE_PX, SIDE_PX),
        good.reshape(len(texts), N_PIXELS).all(1),
    )
