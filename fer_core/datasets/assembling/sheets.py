"""Packs a data set in less than half of its bytes: faces on sheets, as WebP images in one zip file.

Validation and test faces are kept without loss. Training faces are compressed with lossy WebP, so the data set is a new
one with its own fingerprint; names, labels, votes, splits and digests are those of the original faces,
so that copies are still found. Augmentation in training changes faces more than the
compression does.
"""

import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np
import pandas as pd
from PIL import Image

from fer_core.base.files import write_json
from fer_core.datasets.assembling.card import write_card
from fer_core.datasets.assembling.describe import compute_fingerprint
from fer_core.datasets.assembling.place import build_dataset
from fer_core.datasets.dataset import FACES, INFO, TABLE, Dataset, open_dataset
from fer_core.datasets.info import Compressed, DatasetInfo
from fer_core.errors import InputError

SHEETS = "sheets.zip"  # in the data set's folder: what it was made of

_SIDE = 12  # faces along a sheet's side
Progress = Callable[[str, int, int], None]


def make_compressed(name: str, source: Dataset, quality: int, progress: Progress) -> Dataset:
    """Creates the data set `name` from another one, with training faces compressed as lossy WebP.

    Args:
        name: of the new data set.
        source: the original data set.
        quality: WebP quality, 1 to 100.
        progress: called with the current step, items done and items in total.
    """

    def write(folder: Path) -> None:
        path = folder / SHEETS
        _write_sheets(path, name, source, quality, progress)
        _unpack_into(folder, path, progress)

    return build_dataset(name, write)


def unpack_sheets(path: Path, progress: Progress) -> Dataset:
    """Creates the data set in a `sheets.zip` under its own name.

    Raises:
        InputError: when the file is damaged.
    """
    name = read_info(path).name

    def write(folder: Path) -> None:
        (folder / SHEETS).write_bytes(path.read_bytes())
        _unpack_into(folder, path, progress)

    return build_dataset(name, write)


def read_info(path: Path) -> DatasetInfo:
    """`dataset.json` of the data set in a `sheets.zip`.

    Raises:
        InputError: when the file is missing or damaged.
    """
    try:
        with ZipFile(path) as file:
            return DatasetInfo.model_validate_json(file.read(INFO))
    except (BadZipFile, KeyError, ValueError, FileNotFoundError) as error:
        raise InputError(f"{path} has no data set ({error}). Pack it again.") from error


def open_same(path: Path) -> Dataset | None:
    """The workspace's data set that a `sheets.zip` was made from; None if there is none of that name.

    Raises:
        InputError: if the one of that name differs.
    """
    info = read_info(path)
    try:
        here = open_dataset(info.name)
    except InputError:
        return None
    if here.info.fingerprint != info.fingerprint:
        raise InputError(
            f"The data set {info.name!r} in the workspace (fingerprint {here.info.fingerprint[:16]}) differs from "
            f"that in {path} ({info.fingerprint[:16]}). Delete it, or use another workspace (FER_HOME)."
        )
    return here


def _write_sheets(path: Path, name: str, source: Dataset, quality: int, progress: Progress) -> None:
    table, error, n_lossy = source.table, 0.0, 0
    sheets = _deal(table)
    decoded = np.empty(source.faces.shape, np.uint8)
    with ZipFile(path, "w") as file:
        for i, (rows, is_lossy) in enumerate(sheets):
            progress(f"compressing {name}", i, len(sheets))
            faces = source.faces[rows]
            picture = _encode(faces, quality if is_lossy else None)
            file.writestr(f"{i:05d}.webp", picture)
            decoded[rows] = _decode(picture, len(rows), faces.shape[1])
            if is_lossy:
                error += float(np.abs(decoded[rows].astype(np.int16) - faces).mean(dtype=np.float64)) * len(rows)
                n_lossy += len(rows)
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False, compression="zstd")
        file.writestr(TABLE, buffer.getvalue())
        made_of = Compressed(
            of=source.name,
            fingerprint=source.info.fingerprint,
            quality=quality,
            mean_error=round(error / max(n_lossy, 1), 3),
        )
        changes = {
            "name": name,
            "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "fingerprint": compute_fingerprint(table, decoded),
            "compressed": made_of,
        }
        file.writestr(INFO, json.dumps(source.info.model_copy(update=changes).to_document()))


def _unpack_into(folder: Path, path: Path, progress: Progress) -> None:
    info = read_info(path)
    with ZipFile(path) as file:
        if file.testzip() is not None:
            raise InputError(f"{path} is damaged. Pack it again.")
        table = pd.read_parquet(io.BytesIO(file.read(TABLE)))
        size = info.size_px
        faces, sheets = np.empty((len(table), size, size), np.uint8), _deal(table)
        for i, (rows, _) in enumerate(sheets):
            progress(f"unpacking {info.name}", i, len(sheets))
            faces[rows] = _decode(file.read(f"{i:05d}.webp"), len(rows), size)
    # The zip file tells of damage. Another decoder may be a grey level off in training faces: it is the same data set.
    is_alike = compute_fingerprint(table, faces) == info.fingerprint
    if info.compressed:
        compressed = info.compressed.model_copy(update={"decoded_alike": is_alike})
        info = info.model_copy(update={"compressed": compressed})
    np.save(folder / FACES, faces)
    table.to_parquet(folder / TABLE, index=False)
    write_json(folder / INFO, info.to_document())
    write_card(folder, info)
    progress("done", 1, 1)


def _deal(table: pd.DataFrame) -> list[tuple[np.ndarray, bool]]:
    """(row numbers, whether compression may be lossy) of each sheet."""
    trains = (table["split"] == "train").to_numpy()
    sheets = []
    for is_lossy, rows in ((False, np.flatnonzero(~trains)), (True, np.flatnonzero(trains))):
        sheets += [(rows[i : i + _SIDE**2], is_lossy) for i in range(0, len(rows), _SIDE**2)]
    return sheets


def _encode(faces: np.ndarray, quality: int | None) -> bytes:
    """A WebP image of up to _SIDE**2 faces (n, H, W) uint8; lossless if no quality is given."""
    n, height, width = faces.shape
    full = np.zeros((_SIDE * -(-n // _SIDE), height, width), np.uint8)
    full[:n] = faces
    sheet = full.reshape(-1, _SIDE, height, width).swapaxes(1, 2).reshape(-1, _SIDE * width)
    buffer = io.BytesIO()
    options: dict[str, int] = {"lossless": True} if quality is None else {"quality": quality}
    Image.fromarray(sheet).save(buffer, "WEBP", **options)
    return buffer.getvalue()


def _decode(picture: bytes, n: int, size: int) -> np.ndarray:
    """(n, size, size) uint8 faces from a result of `_encode`."""
    with Image.open(io.BytesIO(picture)) as opened:
        sheet = np.asarray(opened.convert("L"))
    return sheet.reshape(-1, size, _SIDE, size).swapaxes(1, 2).reshape(-1, size, size)[:n]
