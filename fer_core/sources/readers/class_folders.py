"""Recognising class folders and split folders, and the meaning of a class folder's name or number."""

import re
from pathlib import Path

from fer_core.errors import InputError
from fer_core.pictures.image_files import known_suffixes
from fer_core.sources.classes import KNOWN_NAMES, ORDERS, Classes, UnclearNumbers
from fer_core.sources.ignored import list_folders, sample_names
from fer_core.sources.listing import IMAGE_FOLDERS
from fer_core.sources.lists.legend import find_legend_file, is_number, name_label, name_numbers, read_legend_file

SPLIT_FOLDERS = {
    "train": "train", "training": "train", "train_set": "train", "training_set": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val", "eval": "val", "publictest": "val",
    "val_set": "val", "valid_set": "val", "validation_set": "val",
    "test": "test", "testing": "test", "privatetest": "test", "test_set": "test", "testing_set": "test",
}  # fmt: skip
_AROUND = re.compile(r"(?:class[\s_-]*)?(?:\d{1,3}[\s_.-]*)?([^\W\d_][^\d_()]*?)(?:[\s_.-]+\d{1,3})?")
_BRACKET = re.compile(r"(.+?)\s*\((.+)\)")


def simplify_class(name: str, classes: Classes = KNOWN_NAMES) -> str:
    """The class in a folder's name, such as angry in `0_angry`, `angry-00` or `Angry (anger)`; else the name itself.

    A meaning that the user sets for the whole name comes first.
    """
    if classes.is_known(name):
        return name
    bracket = _BRACKET.fullmatch(name.strip())
    if bracket and classes.is_known(bracket[1]) and classes.parse(bracket[1]) == classes.parse(bracket[2]):
        return bracket[1]
    word = _AROUND.fullmatch(name.strip())
    return word[1] if word and classes.is_known(word[1]) else name


def has_named_classes(path: Path, classes: Classes = KNOWN_NAMES) -> bool:
    """Whether a folder in `path` is named like a class."""
    return any(classes.is_known(simplify_class(folder.name, classes)) for folder in list_folders(path))


def find_named_splits(path: Path) -> list[tuple[Path, str]]:
    """The (folder, split) pairs in `path` that contain folders named like classes, in sorted order.

    The folder is the split's own (`train`), or the one folder of images in it (`train/images`).
    """
    return [(folder, split) for folder, split in _split_folders(path) if has_named_classes(folder)]


def find_splits(path: Path, classes: Classes = KNOWN_NAMES) -> list[tuple[Path, str]]:
    """As `find_named_splits`, but also with class folders whose names only the user can interpret.

    [] if `path` itself has class folders with known names.
    """
    if has_named_classes(path, classes):
        return []
    return [
        (folder, split)
        for folder, split in _split_folders(path)
        if has_named_classes(folder, classes) or _has_unnamed_classes(folder)
    ]


def find_unnamed_classes(path: Path) -> str | None:
    """The layout if `path` has several folders of pictures whose names or numbers are not known classes, else None."""
    if any(_has_unnamed_classes(folder) for folder, _ in _split_folders(path)):
        return "image folder by split and class (<split>/<class>/*)"
    return "image folder by class (<class>/*)" if _has_unnamed_classes(path) else None


def name_folders(parents: list[Path], root: Path, classes: Classes) -> tuple[dict[str, str], list[str]]:
    """Class folder's name -> class, and notes on how numbers were read.

    Args:
        parents: the folders with class folders.
        root: the folder that may contain a legend.
        classes: the user's settings for names and numbers.

    Raises:
        InputError: for numbers whose meaning neither the user nor a legend gives.
    """
    folders = sorted({folder.name for parent in parents for folder in list_folders(parent)})
    names = {name: simplify_class(name, classes) for name in folders}
    numbers = [name for name in folders if is_number(name) and not classes.is_known(name)]
    if not numbers or any(classes.is_known(name) for name in names.values()):
        return names, []
    notes: list[str] = []
    place = _find_legend_place(root, parents)
    if not classes.numbers and not place:
        raise UnclearNumbers(
            f"The class folders of {root.name} are numbers ({', '.join(numbers[:12])}), and their meaning is unknown. "
            f"State it with --meaning numbers=ORDER (one of {', '.join(ORDERS)}) or --meaning {numbers[0]}=EXPRESSION "
            "for each, or add a legend.csv to the folder with one line per number, for example 0,angry."
        )
    place = place or root
    legend = name_numbers(numbers, "", place / place.name, classes, notes=notes)
    how = "" if notes else f"as set with --meaning ({classes.order or 'one by one'})"
    return {**names, **{number: name_label(number, legend) for number in numbers}}, [
        f"class folders by number: {note}" for note in notes or [how]
    ]


def _find_legend_place(root: Path, parents: list[Path]) -> Path | None:
    """The folder with the legend: the root, or the first of those with class folders, whose legends must agree."""
    places = [folder for folder in dict.fromkeys((root, *parents)) if find_legend_file(folder)]
    legends = [read_legend_file(file) for folder in places if (file := find_legend_file(folder))]
    if any(legend.names != legends[0].names for legend in legends):
        names = ", ".join(str(folder) for folder in places)
        raise InputError(f"The legends in {names} differ. Keep the correct one.")
    return places[0] if places else None


def _split_folders(path: Path) -> list[tuple[Path, str]]:
    found = ((folder, SPLIT_FOLDERS.get(folder.name.lower())) for folder in list_folders(path))
    return [(_step_into_images(folder), split) for folder, split in found if split]


def _step_into_images(split: Path) -> Path:
    """The folder of images in a split's folder, if only it contains folders; else the split's folder."""
    inner = list_folders(split)
    images = [folder for folder in inner if folder.name.lower() in IMAGE_FOLDERS and list_folders(folder)]
    is_alone = len(images) == 1 and not any(map(_holds_pictures, set(inner) - set(images)))
    return images[0] if is_alone else split


def _has_unnamed_classes(path: Path) -> bool:
    """Whether several folders directly contain pictures; folders named like splits do not count."""
    folders = [folder for folder in list_folders(path) if folder.name.lower() not in SPLIT_FOLDERS]
    return len(folders) > 1 and sum(map(_holds_pictures, folders)) > 1


def _holds_pictures(folder: Path) -> bool:
    return any(Path(name).suffix.lower() in known_suffixes() for name in sample_names(folder))
