"""Exports a data set as an ImageFolder tree of PNG files, which other tools and FER Studio can read."""

from pathlib import Path

from PIL import Image

from fer_core.base.files import explain_full_disk
from fer_core.base.progress import Progress, no_progress
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS


def export_dataset(name: str, folder: Path, progress: Progress = no_progress) -> int:
    """Writes `folder`/train/angry/0000000.png ... and returns the number of faces.

    The number in a file's name is the face's row in the data set. Every split has all seven class folders, so
    that torchvision.datasets.ImageFolder numbers the classes equally in each, even if one is empty.

    Raises:
        InputError: if there is no such data set, the folder is not empty, or the disk is full.

    Example:
        >>> fer.export_dataset("demo", Path("demo-as-folders"))
        420
    """
    dataset = open_dataset(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is not an empty folder. Give a new or empty folder.")
    with explain_full_disk(folder):
        for split in ("train", "val", "test"):
            for expression in EXPRESSIONS:
                (folder / split / expression).mkdir(parents=True, exist_ok=True)
        places = zip(dataset.table["split"], dataset.table["expression"], strict=True)
        n = len(dataset.table)
        for row, (split, expression) in enumerate(places):
            file = folder / split / expression / f"{row:07d}.png"
            Image.fromarray(dataset.faces[row]).save(file, compress_level=1)
            if row % 500 == 0:
                progress("writing faces", row, n)
    progress("done", n, n)
    return n
