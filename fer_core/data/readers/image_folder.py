"""Any folder of images by class name: `<class>/*.jpg`, or `<split>/<class>/*.jpg` as ImageFolder reads it.

What `fer data export` writes reads back in through this reader. Subjects are not known here.
"""

from collections import Counter
from pathlib import Path

from fer_core.data.records import Problem, Reading, build_table
from fer_core.errors import InputError
from fer_core.labels import is_class_name, parse_expression

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
    if _class_folders(path):
        return "image folder by class (<class>/*)"
    return None


def find_split_folder(path: Path) -> list[tuple[Path, str]]:
    """The (folder, split) pairs under `path` that hold class folders, in sorted order."""
    found = []
    for child in sorted(path.iterdir()):
        split = SPLIT_FOLDERS.get(child.name.lower())
        if split and child.is_dir() and _class_folders(child):
            found.append((child, split))
    return found


def read_image_folder(path: Path) -> Reading:
    """The images of class folders; `usage` is the split folder they lie in, "" without one.

    Raises:
        InputError: when there are no class folders, or no image in them.
    """
    layout = find_image_folder(path)
    if layout is None:
        raise InputError(f"{path} has no class folders. Expected folders named angry, disgust, fear, happy, ...")
    rows: list[tuple[str, str, str, str]] = []
    left_out: Counter[str] = Counter()
    problems: list[Problem] = []
    for folder, usage in find_split_folder(path) or [(path, "")]:
        for class_folder in sorted(child for child in folder.iterdir() if child.is_dir()):
            read_class_folder(path, class_folder, usage, rows, left_out, problems)
    if not rows and not problems:
        raise InputError(f"{path} has class folders but no image in them. Check that it was unpacked whole.")
    return Reading("folder", layout, path, build_table(rows), None, left_out, problems)


def read_class_folder(
    root: Path,
    class_folder: Path,
    usage: str,
    rows: list[tuple[str, str, str, str]],
    left_out: Counter[str],
    problems: list[Problem],
) -> None:
    """Adds the images of one class folder to `rows`, `left_out` or `problems`."""
    expression = parse_expression(class_folder.name)
    images = list_images(class_folder)
    if expression:
        rows.extend((image.relative_to(root).as_posix(), expression, "", usage) for image in images)
    elif is_class_name(class_folder.name):
        left_out[class_folder.name.lower()] += len(images)
    elif images:
        origin = class_folder.relative_to(root).as_posix()
        problems.append(Problem(origin, f"{class_folder.name!r} is no class that is known ({len(images)} images)"))


def list_images(folder: Path) -> list[Path]:
    """The image files right inside `folder`, sorted, hidden ones left out."""
    return sorted(
        entry for entry in folder.iterdir() if entry.suffix.lower() in IMAGE_SUFFIXES and entry.name[0] != "."
    )


def _class_folders(path: Path) -> list[Path]:
    return [child for child in sorted(path.iterdir()) if child.is_dir() and parse_expression(child.name)]
