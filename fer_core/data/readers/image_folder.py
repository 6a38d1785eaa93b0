"""Any folder of images by class name: `<class>/*.jpg`, or `<split>/<class>/*.jpg` as ImageFolder reads it.

What `fer data export` writes reads back in through this reader. Folders inside a class folder belong to its class.

Contents: what its owner put there.
Labels: the names of the class folders.
Subjects: not known here.
Splits: the folders train, val and test, or what they are usually called; else none.
Publication: none is known here.
Licence: as its owner says.
Known faults: none are known here.
"""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from fer_core.data.classes import KNOWN_NAMES, Classes
from fer_core.data.listing import list_files
from fer_core.data.readers.rows import NO_IMAGE, Rows
from fer_core.data.records import Problem, Reading
from fer_core.errors import InputError
from fer_core.labels import parse_expression

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".pgm", ".ppm"})
SPLIT_FOLDERS = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val", "publictest": "val",
    "test": "test", "testing": "test", "privatetest": "test",
}  # fmt: skip


def find_image_folder(path: Path) -> str | None:
    """The layout when `path` has class folders, at the top or under split folders, else None."""
    if not path.is_dir():
        return None
    if find_split_folder(path):
        return "image folder by split and class (<split>/<class>/*)"
    if _has_class_folder(path):
        return "image folder by class (<class>/*)"
    return None


def find_split_folder(path: Path) -> list[tuple[Path, str]]:
    """The (folder, split) pairs under `path` that hold class folders, in sorted order."""
    found = []
    for child in sorted(path.iterdir()):
        split = SPLIT_FOLDERS.get(child.name.lower())
        if split and child.is_dir() and _has_class_folder(child):
            found.append((child, split))
    return found


def read_image_folder(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The images of class folders; `usage` is the split folder they lie in, "" without one.

    Raises:
        InputError: when there are no class folders, or no image in them.
    """
    layout = find_image_folder(path)
    if layout is None:
        raise InputError(f"{path} has no class folders. Expected folders named angry, disgust, fear, happy, ...")
    splits = {folder.name: usage for folder, usage in find_split_folder(path)}
    depth = 1 if splits else 0  # of the class folder

    def add(rows: Rows, origin: str, folders: tuple[str, ...]) -> None:
        if len(folders) <= depth or (splits and folders[0] not in splits):
            rows.problems.append(Problem(origin, "it lies in no class folder"))
        elif not classes.is_known(folders[depth]):
            rows.unknown[folders[depth]] += 1
            rows.problems.append(Problem(origin, f"{folders[depth]!r} is no class that is known"))
        else:
            rows.add(origin, folders[depth], origin, usage=splits[folders[0]] if splits else "")

    reading = read_images("folder", layout, path, add, classes)
    if reading.table.empty and not reading.problems:
        raise InputError(f"{path} has class folders but no image in them. Check that it was unpacked whole.")
    return reading


def read_images(
    source: str,
    layout: str,
    root: Path,
    add: Callable[[Rows, str, tuple[str, ...]], None],
    classes: Classes = KNOWN_NAMES,
) -> Reading:
    """The reading of every image file below `root`.

    Args:
        source: the reader's name.
        layout: a phrase that says which layout was found.
        root: the folder.
        add: called with the rows, an image's path and the folders it lies in; puts it among the rows.
        classes: what the class names mean.
    """
    files, problems = list_files(root)
    rows = Rows(classes)
    rows.problems += problems
    for origin in files:
        path = PurePosixPath(origin)
        if path.suffix.lower() in IMAGE_SUFFIXES:
            add(rows, origin, path.parts[:-1])
        else:
            rows.left_out[NO_IMAGE] += 1
    return rows.build_reading(source, layout, root)


def _has_class_folder(path: Path) -> bool:
    return any(parse_expression(child.name) and child.is_dir() for child in path.iterdir())
