"""RAF-DB, its basic part: web faces labelled by about forty people each, in the two forms people have on disk.

Contents: 15,339 colour faces, aligned by five points and cropped to 100 x 100 px (and whole photographs).
Labels: the numbers 1 surprise, 2 fear, 3 disgust, 4 happiness, 5 sadness, 6 anger, 7 neutral.
Subjects: not given.
Splits: in each file's name, train_ (12,271) or test_ (3,068); no validation (copies with a folder
val or valid are read too).
Publication: Li, Deng and Du, Reliable Crowdsourcing and Deep Locality-Preserving Learning for Expression
Recognition in the Wild, CVPR 2017.
Licence: non-commercial research, on request.
Known faults: classes are unbalanced (4,772 of the training faces happy, 281 fear); the name of the list is misspelt in
the original, list_patition_label.txt.
"""

import re
from pathlib import Path

from fer_core.errors import InputError
from fer_core.sources.classes import KNOWN_NAMES, ORDERS, Classes, UnclearNumbers, check_numbers
from fer_core.sources.ignored import list_folders, list_plain_files, sample_names
from fer_core.sources.listing import Finder
from fer_core.sources.lists.csv_files import read_csv, read_text
from fer_core.sources.lists.legend import find_legend_file, is_number, read_legend_file
from fer_core.sources.lists.rows import Rows
from fer_core.sources.readers.class_folders import SPLIT_FOLDERS
from fer_core.sources.readers.image_folder import read_images
from fer_core.sources.records import Problem, Reading

_LIST_NAMES = ("list_patition_label.txt", "list_partition_label.txt")
_IMAGE_FOLDERS = ("Image/aligned", "image/aligned", "aligned", "Image", "image")
_ORIGINAL = "RAF-DB, original form (aligned images and list_patition_label.txt)"
_FOLDERS = "RAF-DB, folder form (train/1 to 7, test/1 to 7)"
_NAME = re.compile(r"(train|test|val|valid)_\d+(_aligned)?\.")
_LOOKED_AT = 50  # lines of a list
_TRAIN_COUNTS = (1290, 281, 717, 4772, 1982, 705, 2524)  # faces of the numbers 1 to 7


def find_rafdb(path: Path) -> str | None:
    """The form of RAF-DB in the folder `path`, or None; unrelated folders 1 to 7 do not count."""
    original = _find_original(path)
    if original:
        lines = read_text(original[0]).splitlines()[:_LOOKED_AT]
        return _ORIGINAL if any(_NAME.match(line.strip()) for line in lines) else None
    parent = _find_split_parent(path)
    return _FOLDERS if parent and _is_rafdb(parent) else None


def read_rafdb(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The faces of either form; the split comes from the file's name or folder.

    Raises:
        InputError: if the folder has neither form, a list cannot be read, or its numbers are not 1 to 7.
    """
    original, parent = _find_original(path), _find_split_parent(path)
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
    lines = _read_list(file)
    labels = {fields[1] for fields in lines if len(fields) > 1}
    names, notes = _name_numbers(labels, file.name, file.parent, classes)
    for number, fields in enumerate(lines, start=1):
        where, usage = f"{file.name} line {number}", SPLIT_FOLDERS.get(fields[0].partition("_")[0], "")
        if len(fields) in (2, 3) and _NAME.match(fields[0]):
            rows.add(where, names.get(fields[1], fields[1]), fields[0], usage=usage)
        else:
            message = f"expected train_NUMBER.jpg or test_NUMBER.jpg and a label, got {' '.join(fields)!r}"
            rows.problems.append(Problem(where, message))
    reading = rows.build_reading("rafdb", _ORIGINAL, path)
    reading.notes += notes
    if any(len(fields) == 3 for fields in lines):
        reading.unused.append("column 3")
    return reading


def _read_folders(path: Path, classes: Classes, parent: Path) -> Reading:
    """The images by folder, checked against train_labels.csv and test_labels.csv if present."""
    unmet = _read_labels(path)
    depth = len(parent.relative_to(path).parts)
    splits = {folder.name: SPLIT_FOLDERS[folder.name.lower()] for folder in _split_folders(parent)}
    numbers = {folder.name for split in _split_folders(parent) for folder in list_folders(split)}
    names, notes = _name_numbers(numbers, f"the folder {path.name}", path, classes)

    def add(rows: Rows, origin: str, folders: tuple[str, ...]) -> None:
        split, label = (*folders[depth:], "", "")[:2]
        usage = splits.get(split)
        listed = unmet.pop((usage or "", Path(origin).name), label)
        if usage is None or label not in names:
            rows.problems.append(Problem(origin, "it is in none of the folders train/1 to 7 and test/1 to 7"))
        elif listed != label:
            rows.problems.append(Problem(origin, f"{usage}_labels.csv gives it the label {listed}"))
        else:
            rows.add(origin, names[label], origin, usage=usage)

    reading = read_images("rafdb", _FOLDERS, path, add, classes)
    reading.notes += notes
    for (usage, name), label in unmet.items():
        reading.problems.append(Problem(f"{usage}_labels.csv", f"there is no image {usage}/{label}/{name}"))
    return reading


def _name_numbers(labels: set[str], where: str, folder: Path, classes: Classes) -> tuple[dict[str, str], list[str]]:
    """Number -> class, and a note: the user's setting, else RAF-DB's own, 1 to 7, else a legend in the folder.

    Raises:
        InputError: if the numbers may not be 1 to 7, and neither the user nor a legend gives their meaning.
    """
    numbers, names = {int(label) for label in labels if label.isdecimal()}, ORDERS["rafdb"]
    notes = [f"numbers are read as set with --meaning ({classes.order or 'each by itself'})"] if classes.numbers else []
    if not classes.order and numbers - set(classes.numbers):
        try:
            check_numbers(numbers, names, where)
        except UnclearNumbers:
            file = find_legend_file(folder)
            if file is None:
                raise
            names = read_legend_file(file).names
            notes.append(f"numbers are read by {file.name}")
    return {str(number): name for number, name in classes.merge_numbers(names).items()}, notes


def _read_list(file: Path) -> list[list[str]]:
    """The fields of each line, separated by spaces, commas or semicolons; labels become whole numbers."""
    lines = (re.split(r"[\s,;]+", line.strip()) for line in read_text(file).splitlines() if line.strip())
    return [[fields[0], *map(_plain_number, fields[1:])] for fields in lines]


def _plain_number(label: str) -> str:
    return str(int(float(label))) if is_number(label) else label


def _read_labels(path: Path) -> dict[tuple[str, str], str]:
    """(split, file name) -> label, {} without the CSV files."""
    found = {}
    for name, usage in SPLIT_FOLDERS.items():
        file = path / f"{name}_labels.csv"
        if file.is_file():
            table = read_csv(file, ("image", "label"))
            labels = table["label"].map(_plain_number)
            found.update({(usage, image): label for image, label in zip(table["image"], labels, strict=True)})
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
    """The folder that contains train and test with numbered folders."""
    for parent in (path, path / "DATASET"):
        if any(folder.name.isdecimal() for split in _split_folders(parent) for folder in list_folders(split)):
            return parent
    return None


def _is_rafdb(parent: Path) -> bool:
    """Whether image names or faces per number are RAF-DB's; a folder 0 or 8 indicates another data set's numbers."""
    folders = [folder for split in _split_folders(parent) for folder in list_folders(split)]
    numbers = {folder.name for folder in folders if folder.name.isdecimal()}
    if not numbers <= {str(number) for number in ORDERS["rafdb"]}:
        return False
    names = [name for folder in folders for name in sample_names(folder)]
    if names and sum(map(bool, map(_NAME.match, names))) > len(names) / 2:
        return True
    train = [folder for folder in _split_folders(parent) if SPLIT_FOLDERS[folder.name.lower()] == "train"]
    counts = (tuple(len(list_plain_files(split / str(number))) for number in ORDERS["rafdb"]) for split in train)
    return any(count == _TRAIN_COUNTS for count in counts)


def _split_folders(parent: Path) -> list[Path]:
    return [folder for folder in list_folders(parent) if folder.name.lower() in SPLIT_FOLDERS]
