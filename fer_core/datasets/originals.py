"""The original images of a data set's faces, with original size and colours."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from fer_core.datasets.dataset import Dataset
from fer_core.pictures.photo import read_photo
from fer_core.pictures.picture import crop_box, decode_face
from fer_core.sources.archives.packed import find_packed, read_packed
from fer_core.sources.archives.parquet import find_picture
from fer_core.sources.pixels.parse import read_faces_at
from fer_core.sources.records import BOX


def read_originals(dataset: Dataset, rows: np.ndarray) -> Iterator[tuple[int, Image.Image]]:
    """Yields (row number, upright RGB image) source by source; images that can no longer be read, or
    that have changed, are omitted.

    For a photograph of several faces, the image is the face's box.
    """
    table = dataset.table.iloc[rows].assign(row=rows)
    for source in dataset.info.sources:
        part, root = table[table["source"] == source.source], Path(source.path)
        yield from _read_pixel_rows(root, part) if _is_pixel_rows(root, part) else _read_images(root, part)


def _is_pixel_rows(root: Path, part: pd.DataFrame) -> bool:
    """Whether the faces are rows of one or several files instead of images."""
    named = part["origin"].str.fullmatch(r".+ row \d+").all()
    return root.is_file() or bool(len(part) and named and not (root / part["origin"].iloc[0]).is_file())


def _read_pixel_rows(root: Path, part: pd.DataFrame) -> Iterator[tuple[int, Image.Image]]:
    for name, faces in part.groupby(part["origin"].str.rpartition("row ")[0].str.strip()):
        file, numbers = root / str(name), faces["origin"].str.rpartition("row ")[2].astype(int)
        row_of = dict(zip(numbers, faces["row"], strict=True))
        if not file.is_file():
            continue
        for number, pixels in read_faces_at(file, dict(zip(numbers, faces["sha256"], strict=True))):
            yield row_of[number], Image.fromarray(pixels).convert("RGB")


def _read_images(root: Path, part: pd.DataFrame) -> Iterator[tuple[int, Image.Image]]:
    boxes = part[BOX].fillna("") if BOX in part else pd.Series("", part.index)
    for origin, box, row, sha256 in zip(part["origin"], boxes, part["row"], part["sha256"], strict=True):
        name = origin.rpartition("#")[0] if box else origin
        packed = find_packed(root, [name])
        found = next(read_packed(packed)) if packed else None
        picture = find_picture(str(root), name) if found is None else found
        try:
            if isinstance(picture, ValueError):
                raise picture
            if decode_face(picture, 48, box).sha256 != sha256:  # another picture lies there by now
                continue
            photo = read_photo(picture if isinstance(picture, bytes) else Path(picture), Path(name).name)
            yield row, Image.fromarray(crop_box(np.asarray(photo), box)) if box else photo
        except (ValueError, OSError):  # gone or damaged since the data set was assembled
            continue
