"""AffectNet: about 0.4 million manually labelled web faces, in the three forms people have on disk.

Contents: colour faces from three search engines, 96 to 224 px cropped, or whole photographs (2017 form).
Labels: eight expressions with contempt; the 2017 CSV has none, uncertain and no-face too.
Subjects: not given.
Splits: training and validation; the test set was never published.
Publication: Mollahosseini et al., AffectNet, IEEE Trans. Affective Computing, 2017.
Licence: research use on request.
Known faults: in the shared folder form some images are in the wrong class folder; `labels.csv` is correct and takes
precedence.
"""

from pathlib import Path

import numpy as np

from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.labels import parse_expression
from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.ignored import sample_names
from fer_core.sources.listing import Finder, list_files
from fer_core.sources.lists.csv_files import read_columns, read_csv
from fer_core.sources.lists.legend import name_label
from fer_core.sources.lists.rows import NO_IMAGE, Rows
from fer_core.sources.readers.affectnet_boxes import Boxes
from fer_core.sources.readers.image_folder import is_picture
from fer_core.sources.records import Problem, Reading

# The codes of the 2017 CSV and of the 2021 annotations alike (the latter stop at 7).
_CODES = (
    "neutral", "happy", "sad", "surprise", "fear", "disgust", "anger", "contempt", "none", "uncertain", "no-face"
)  # fmt: skip
_IMAGES = "Manually_Annotated_Images"
_NO_LABEL = ("", "nan", "NaN", "None", "NULL", "null", "NA", "N/A")  # an empty cell; the class is spelled "none"
_SHARED = "AffectNet, shared folder form (<class>/*.jpg with labels.csv)"
_OFFICIAL = "AffectNet, official form (Manually_Annotated_Images and its CSV)"
_FORM_2021 = "AffectNet, 2021 form (images/*.jpg and annotations/*_exp.npy)"


def find_affectnet(path: Path) -> str | None:
    """The form of AffectNet in the folder `path`, or None; an unrelated labels.csv does not count."""
    layout = _find_form(path)
    return None if layout == _SHARED and not _is_shared(path / "labels.csv") else layout


def _find_form(path: Path) -> str | None:
    if not path.is_dir():
        return None
    if (path / "labels.csv").is_file():
        return _SHARED
    if (path / _IMAGES).is_dir():
        return _OFFICIAL
    return _FORM_2021 if _parts_2021(path) else None


def _is_shared(file: Path) -> bool:
    """Whether the columns are those of the shared form: path, label, and a score that only this list has."""
    return {"pth", "label", "relfcs"} <= set(read_columns(file))


def read_affectnet(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The faces of any of the three forms; contempt and the other classes outside the seven are counted.

    Raises:
        InputError: if the folder has none of the forms, or its CSV lacks a column.
    """
    layout = _find_form(path)
    if layout is None:
        raise InputError(
            f"{path} has none of AffectNet's layouts. Expected labels.csv beside class folders, a folder "
            "Manually_Annotated_Images, or images/ beside annotations/."
        )
    rows, notes, unused = {_SHARED: _read_shared, _OFFICIAL: _read_official, _FORM_2021: _read_2021}[layout](
        path, classes
    )
    reading = rows.build_reading("affectnet", layout, path)
    reading.notes += notes
    if classes.numbers:
        reading.notes.append(f"numbers are read as set with --meaning ({classes.order or 'each by itself'})")
    reading.unused += unused
    return reading


def _read_shared(root: Path, classes: Classes) -> tuple[Rows, list[str], list[str]]:
    on_disk, strays = list_files(root)
    rows = Rows(classes, Finder(root, on_disk).find)
    labels = read_csv(root / "labels.csv", ("pth", "label"), rows.problems)
    names = labels["pth"].str.replace("\\", "/")
    n_moved = 0
    for number, name, label in zip(labels.index, names, labels["label"], strict=True):
        try:
            _check_label(label)
        except ValueError as error:
            rows.problems.append(Problem(f"labels.csv row {number}", str(error)))
            continue
        rows.add(f"labels.csv row {number}", name_label(label, classes.numbers), name)
        n_moved += parse_expression(name.split("/")[0]) != parse_expression(label)
    listed = {"labels.csv", *names}
    rows.problems += [problem for problem in strays if problem.origin not in listed]
    for origin in on_disk:
        if origin not in listed:
            _count_unlisted(rows, root, origin)
    notes = [f"{count_of(n_moved, 'image')} in another class's folder; labels.csv takes precedence"] if n_moved else []
    return rows, notes, [column for column in labels if column and column not in ("pth", "label")]


def _count_unlisted(rows: Rows, root: Path, origin: str) -> None:
    if is_picture(root / origin):
        rows.problems.append(Problem(origin, "labels.csv does not list it"))
    else:
        rows.left_out[NO_IMAGE] += 1


def _read_official(root: Path, classes: Classes) -> tuple[Rows, list[str], list[str]]:
    files = {usage: _find_one(root, f"{name}.csv") for usage, name in (("train", "training"), ("val", "validation"))}
    if not any(files.values()):
        raise InputError(f"{root} has no training.csv or validation.csv. Put the official CSV files beside the images.")
    finder, notes, unused = Finder(root), [], list[str]()
    rows, codes = Rows(classes, lambda name: finder.find(f"{_IMAGES}/{_strip_images(name)}")), _read_codes(classes)
    for usage, file in files.items():
        if file is None:
            notes.append(f"no CSV for {usage}")
            continue
        uneven: list[Problem] = []
        table = read_csv(file, ("subDirectory_filePath", "expression"), uneven)
        rows.problems += [Problem(f"{file.name} {problem.origin}", problem.message) for problem in uneven]
        boxes = Boxes(table, file.name)
        notes += boxes.notes
        unused += [column for column in boxes.unused if column not in unused]
        for number, name, code in zip(table.index, table["subDirectory_filePath"], table["expression"], strict=True):
            where, label = f"{file.name} row {number}", name_label(code, codes)
            try:
                _check_label(code)
                box = boxes.find(number) if classes.parse(label) else ""
            except ValueError as error:
                rows.problems.append(Problem(where, str(error)))
                continue
            rows.add(where, label, name, usage=usage, face=box.replace(",", "-"), box=box)
    return rows, notes, unused


def _read_2021(root: Path, classes: Classes) -> tuple[Rows, list[str], list[str]]:
    rows, codes = Rows(classes), _read_codes(classes)
    for folder, usage in _parts_2021(root):
        prefix = (folder / "images").relative_to(root).as_posix()
        images, problems = list_files(folder / "images")
        rows.problems += [Problem(f"{prefix}/{problem.origin}", problem.message) for problem in problems]
        for image in images:
            origin = f"{prefix}/{image}"
            annotation = folder / "annotations" / f"{Path(image).stem}_exp.npy"
            if not is_picture(folder / "images" / image):
                rows.left_out[NO_IMAGE] += 1
                continue
            try:
                code = str(int(np.load(annotation, allow_pickle=False)))
            except (OSError, ValueError, TypeError, EOFError) as error:
                message = f"its annotation {annotation.name} cannot be read ({error})"
                rows.problems.append(Problem(origin, message))
                continue
            rows.add(origin, name_label(code, codes), origin, usage=usage)
    return rows, [], []


def _check_label(label: str) -> None:
    if label.strip() in _NO_LABEL:
        raise ValueError(f"it has no label, only {label.strip()!r}")


def _read_codes(classes: Classes) -> dict[int, str]:
    """Code -> class: AffectNet's own, except for those that the user sets otherwise."""
    own = dict(enumerate(_CODES))
    return {**own, **classes.numbers} if classes.order == "affectnet" else classes.merge_numbers(own)


def _strip_images(name: str) -> str:
    """The path below the folder of images; some lists include that folder."""
    return name.strip().replace("\\", "/").removeprefix("./").removeprefix(f"{_IMAGES}/")


def _parts_2021(path: Path) -> list[tuple[Path, str]]:
    parts = [(path / name, usage) for name, usage in (("train_set", "train"), ("val_set", "val"))]
    found = [part for part in parts if _is_2021(part[0])]
    return found or ([(path, "")] if _is_2021(path) else [])


def _is_2021(folder: Path) -> bool:
    return (folder / "images").is_dir() and any("_exp." in name for name in sample_names(folder / "annotations"))


def _find_one(root: Path, name: str) -> Path | None:
    for folder in (root, root / _IMAGES, root / "Manually_Annotated_file_lists"):
        if (folder / name).is_file():
            return folder / name
    return None
