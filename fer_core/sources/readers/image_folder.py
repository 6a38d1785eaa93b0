"""Any folder of images by class name: `<class>/*.jpg`, or `<split>/<class>/*.jpg` as ImageFolder reads it.

There may be a folder `images` between split and class, or around them. This reader also reads the output of `fer data
export`. Folders inside a class folder belong to its class. `fer_core.sources.readers.class_folders` defines what a
class folder is.

Contents: as provided by its owner.
Labels: the names of the class folders.
Subjects: unknown.
Splits: the folders train, val and test, or what they are usually called; else none.
Publication: unknown.
Licence: as stated by its owner.
Known faults: none known.
"""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from fer_core.base.extras import has_extra
from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.pictures.image_files import HEIC_SUFFIXES, is_image, known_suffixes
from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.listing import list_files
from fer_core.sources.lists.rows import NO_IMAGE, Rows
from fer_core.sources.readers.class_folders import find_named_splits, find_splits, has_named_classes, name_folders
from fer_core.sources.records import Problem, Reading

_BY_SPLIT = "image folder by split and class (<split>/<class>/*)"
_BY_CLASS = "image folder by class (<class>/*)"


def find_image_folder(path: Path) -> str | None:
    """The layout if `path` has folders named like classes, at the top or in split folders, else None."""
    if find_named_splits(path):
        return _BY_SPLIT
    return _BY_CLASS if has_named_classes(path) else None


def read_image_folder(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The images of class folders; `usage` is their split folder, "" without one.

    Raises:
        InputError: if there are no class folders, no images in them, or numbers of unknown meaning.
    """
    splits = {folder.relative_to(path).parts: usage for folder, usage in find_splits(path, classes)}
    names, notes = name_folders([path.joinpath(*parts) for parts in splits] or [path], path, classes)
    if not names:
        raise InputError(f"{path} has no class folders. Expected folders named angry, disgust, fear, happy, ...")

    def add(rows: Rows, origin: str, folders: tuple[str, ...]) -> None:
        above = next((parts for parts in splits or {(): ""} if folders[: len(parts)] == parts), None)
        if above is None or len(folders) <= len(above):
            rows.problems.append(Problem(origin, "it is not in a class folder"))
            return
        folder = folders[len(above)]
        label = names.get(folder, folder)
        if classes.is_known(label):
            rows.add(origin, label, origin, usage=splits.get(above, ""))
        else:
            rows.unknown[folder] += 1
            hint = f"say what it means with --meaning {folder}=EXPRESSION, or =leave-out"
            rows.problems.append(Problem(origin, f"{folder!r} is not a known class: {hint}"))

    reading = read_images("folder", _BY_SPLIT if splits else _BY_CLASS, path, add, classes)
    if reading.table.empty and not reading.problems:
        raise InputError(f"{path} has class folders without images. Check that it was unpacked completely.")
    reading.notes += notes
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
        layout: a phrase that names the layout.
        root: the folder.
        add: called with the rows, an image's path and its folders; adds it to the rows.
        classes: the meaning of the class names.
    """
    files, problems = list_files(root)
    rows = Rows(classes)
    rows.problems += problems
    for origin in files:
        path = PurePosixPath(origin)
        if path.suffix.lower() in known_suffixes() or is_image(root / origin):
            add(rows, origin, path.parts[:-1])
        else:
            rows.left_out[NO_IMAGE] += 1
    reading = rows.build_reading(source, layout, root)
    reading.notes += note_heic(files)
    return reading


def is_picture(path: Path) -> bool:
    """Whether to decode a file, judged by its suffix, or by its content if the suffix is unknown."""
    return path.suffix.lower() in known_suffixes() or is_image(path)


def note_heic(files: list[str]) -> list[str]:
    """The note on HEIC pictures that cannot be read."""
    n = sum(name.lower().endswith(tuple(HEIC_SUFFIXES)) for name in files)
    if not n or has_extra("heic"):
        return []
    return [f"to read {count_of(n, 'HEIC picture')}, install pillow-heif: pip install pillow-heif"]
