"""A source that is given to the wrong reader is refused with the reader that knows it."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer_core.errors import InputError
from fer_core.sources.readers import READERS, has_files, read_source, recognise
from tests.helpers.samples import (
    write_affectnet,
    write_ckplus,
    write_expw,
    write_ferplus,
    write_image,
    write_jaffe,
    write_kdef,
    write_rafdb,
    write_yolo,
)  # fmt: skip


def write_pixels(folder):
    folder.mkdir()
    rows = [f"{label},{' '.join(['9'] * 48 * 48)}" for label in ("happy", "sad")]
    (folder / "x.csv").write_text("\n".join(["emotion,pixels", *rows]) + "\n")
    return folder / "x.csv"


def write_list(folder):
    write_image(folder / "a.png")
    (folder / "list.csv").write_text("image,label\na.png,happy\n")
    return folder / "list.csv"


def write_folder(folder):
    for name in ("happy", "sad"):
        write_image(folder / name / "a.png")
    return folder


def write_parquet(folder):
    folder.mkdir()
    file = io.BytesIO()
    Image.fromarray(np.zeros((48, 48), np.uint8)).save(file, "PNG")
    pictures = [{"bytes": file.getvalue(), "path": "a.png"}] * 2
    pd.DataFrame({"image": pictures, "label": ["happy", "sad"]}).to_parquet(folder / "a.parquet")
    return folder / "a.parquet"


SOURCES = {
    "pixelcsv": write_pixels, "csv": write_list, "folder": write_folder, "parquet": write_parquet,
    "affectnet": write_affectnet, "ckplus": write_ckplus, "expw": write_expw, "ferplus": write_ferplus,
    "jaffe": write_jaffe, "kdef": write_kdef, "rafdb": write_rafdb, "yolo": write_yolo,
}  # fmt: skip
# A general form that a known set has as well is read as it, and pixels of any faces may be called FER2013.
ALSO = {("pixelcsv", "fer2013"), ("ckplus", "folder"), ("affectnet", "folder"), ("affectnet", "csv")}


@pytest.mark.parametrize("source", SOURCES)
def test_a_reader_that_is_given_a_source_of_another_names_the_other(tmp_path, source):
    folder = tmp_path / "given"
    if source in ("affectnet", "rafdb", "expw", "ferplus", "jaffe", "kdef", "yolo", "ckplus"):
        folder.mkdir()
    path = SOURCES[source](folder)
    assert recognise(path)[0] == source
    for reader in READERS:
        if reader == source or (source, reader) in ALSO or not has_files(reader):
            continue
        with pytest.raises(InputError) as refused:
            read_source(reader, path)
        message = str(refused.value)
        assert message.startswith(f"{path} cannot be read as {reader}: its layout is "), (reader, message)
        assert message.endswith(f". Give it as {source}={path}."), (reader, message)


def test_the_archive_itself_is_named(tmp_path):
    path = write_pixels(tmp_path / "given")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(path, "x.csv")
    with pytest.raises(
        InputError, match=rf"cannot be read as csv: its layout is .* Give it as pixelcsv={tmp_path}/x\.zip\.$"
    ):
        read_source("csv", tmp_path / "x.zip")


def test_what_no_reader_knows_is_refused_as_the_named_reader_does(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(InputError, match="needs one of path, pth"):
        read_source("csv", tmp_path / "a.txt")
