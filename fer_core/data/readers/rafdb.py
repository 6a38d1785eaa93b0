"""RAF-DB, its basic part: web faces labelled by about forty people each, in the two forms people have on disk.

Contents: 15,339 colour faces, aligned by five points and cropped to 100 x 100 px (and whole photographs).
Labels: the numbers 1 surprise, 2 fear, 3 disgust, 4 happiness, 5 sadness, 6 anger, 7 neutral.
Subjects: not given.
Splits: in each file's name, train_ (12,271) or test_ (3,068); no validation.
Publication: Li, Deng and Du, Reliable Crowdsourcing and Deep Locality-Preserving Learning for Expression
Recognition in the Wild, CVPR 2017.
Licence: non-commercial research, on request.
Known faults: classes are uneven (4,772 of the training faces happy, 281 fear); the list's name is misspelt in the
original, list_patition_label.txt.
"""

from pathlib import Path

from fer_core.data.classes import KNOWN_NAMES, Classes
from fer_core.data.csv_files import read_csv, read_text
from fer_core.data.listing import Finder
from fer_core.data.readers.image_folder import read_images
from fer_core.data.readers.rows import Rows
from fer_core.data.records import Problem, Reading
from fer_core.errors import InputError

_CLASSES = {
    "1": "surprise", "2": "fear", "3": "disgust", "4": "happy", "5": "sad", "6": "angry", "7": "neutral",
}  # fmt: skip
_LIST_NAMES = ("list_patition_label.txt", "list_partition_label.txt")
_IMAGE_FOLDERS = ("Image/aligned", "image/aligned", "aligned", "Image", "image")
_ORIGINAL = "RAF-DB, original form (aligned images and list_patition_label.txt)"
_FOLDERS = "RAF-DB, folder form (train/1 to 7, test/1 to 7)"


def find_rafdb(path: Path) -> str | None:
    """Which of RAF-DB's forms lies in the folder `path`, or None."""
    if not path.is_dir():
        return None
    if _find_original(path):
        return _ORIGINAL
    return _FOLDERS if _find_split_parent(path) else None


def read_rafdb(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The faces of either form; the split is the one of the file's name or folder.

    Raises:
        InputError: when the folder has neither form, or a list cannot be read.
    """
    original, parent = (_find_original(path), _find_split_parent(path)) if path.is_dir() else (None, None)
    if original:
        return _read_original(path, classes, *original)
    if parent:
        return _read_folders(path, classes, parent)
    raise InputError(
        f"{path} is not RAF-DB. Expected basic/Image/aligned beside basic/EmoLabel/list_patition_label.txt, "
        "or train/1 to 7 and test/1 to 7."
    )


def _read_original(path: Path, classes: Classes, file: Path, images: Path) -> Reading:
    finder, prefix = Finder(path), images.relative_to(path).as_posix()

    def find(name: str) -> str:
        aligned = f"{prefix}/{Path(name).stem}_aligned{Path(name).suffix}"
        try:
            return finder.find(aligned)
        except ValueError:
            return finder.find(f"{prefix}/{name}")

    rows = Rows(classes, find)
    lines = [line.split() for line in read_text(file).splitlines() if line.strip()]
    for number, fields in enumerate(lines, start=1):
        where, usage = f"{file.name} line {number}", fields[0].partition("_")[0]
        if len(fields) == 2 and usage in ("train", "test"):
            rows.add(where, _CLASSES.get(fields[1], fields[1]), fields[0], usage=usage)
        else:
            message = f"expected train_NUMBER.jpg or test_NUMBER.jpg and a label, got {' '.join(fields)!r}"
            rows.problems.append(Problem(where, message))
    return rows.build_reading("rafdb", _ORIGINAL, path)


def _read_folders(path: Path, classes: Classes, parent: Path) -> Reading:
    """The images by folder, checked against train_labels.csv and test_labels.csv where these are."""
    unmet = _read_labels(path)
    depth = len(parent.relative_to(path).parts)

    def add(rows: Rows, origin: str, folders: tuple[str, ...]) -> None:
        usage, label = (*folders[depth:], "", "")[:2]
        listed = unmet.pop((usage, Path(origin).name), label)
        if usage not in ("train", "test") or label not in _CLASSES:
            rows.problems.append(Problem(origin, "it lies in none of the folders train/1 to 7 and test/1 to 7"))
        elif listed != label:
            rows.problems.append(Problem(origin, f"{usage}_labels.csv gives it the label {listed}"))
        else:
            rows.add(origin, _CLASSES[label], origin, usage=usage)

    reading = read_images("rafdb", _FOLDERS, path, add, classes)
    for (usage, name), label in unmet.items():
        reading.problems.append(Problem(f"{usage}_labels.csv", f"there is no image {usage}/{label}/{name}"))
    return reading


def _read_labels(path: Path) -> dict[tuple[str, str], str]:
    """(train or test, file name) -> label, {} without the CSV files."""
    found = {}
    for usage in ("train", "test"):
        file = path / f"{usage}_labels.csv"
        if file.is_file():
            table = read_csv(file, ("image", "label"))
            found.update({(usage, name): label for name, label in zip(table["image"], table["label"], strict=True)})
    return found


def _find_original(path: Path) -> tuple[Path, Path] | None:
    """The list of labels and the folder of images."""
    for base in (path, path / "basic"):
        for file in (folder / name for folder in (base, base / "EmoLabel") for name in _LIST_NAMES):
            if file.is_file():
                images = (base / name for name in _IMAGE_FOLDERS)
                return file, next((folder for folder in images if folder.is_dir()), base)
    return None


def _find_split_parent(path: Path) -> Path | None:
    """The folder that holds train/1 to 7 or test/1 to 7; a folder 0 or 8 speaks of another set's numbers."""
    for parent in (path, path / "DATASET"):
        folders = (parent / usage for usage in ("train", "test"))
        numbers = {child.name for folder in folders if folder.is_dir() for child in folder.iterdir()}
        numbers = {name for name in numbers if name.isdecimal()}
        if numbers and numbers <= set(_CLASSES):
            return parent
    return None
