"""AffectNet: about 0.4 million manually labelled web faces, in the three forms people have on disk.

Contents: colour faces from three search engines, 96 to 224 px cropped, or whole photographs (2017 form).
Labels: eight expressions with contempt; the 2017 CSV has none, uncertain and no-face too.
Subjects: not given.
Splits: training and validation; the test set was never published.
Publication: Mollahosseini et al., AffectNet, IEEE Trans. Affective Computing, 2017.
Licence: research use on request.
Known faults: in the shared folder form a part of the images lies in the wrong class folder; there
`labels.csv` is right, and wins.
"""

from pathlib import Path

import numpy as np

from fer_core.data.csv_files import read_csv
from fer_core.data.readers.image_folder import list_images
from fer_core.data.records import Problem, Reading, build_table
from fer_core.errors import InputError
from fer_core.labels import is_class_name, parse_expression

# The codes of the 2017 CSV and of the 2021 annotations alike (the latter stop at 7).
_CODES = (
    "neutral", "happy", "sad", "surprise", "fear", "disgust", "anger", "contempt", "none", "uncertain", "no-face"
)  # fmt: skip
_SHARED = "AffectNet, shared folder form (<class>/*.jpg with labels.csv)"
_OFFICIAL = "AffectNet, official form (Manually_Annotated_Images and its CSV)"
_FORM_2021 = "AffectNet, 2021 form (images/*.jpg and annotations/*_exp.npy)"
_Rows = list[tuple[str, str, str, str]]


def find_affectnet(path: Path) -> str | None:
    """Which of AffectNet's forms lies in the folder `path`, or None."""
    if not path.is_dir():
        return None
    if (path / "labels.csv").is_file():
        return _SHARED
    if (path / "Manually_Annotated_Images").is_dir():
        return _OFFICIAL
    if _parts_2021(path):
        return _FORM_2021
    return None


def read_affectnet(path: Path) -> Reading:
    """The faces of any of the three forms, contempt and the other classes outside the seven counted.

    Raises:
        InputError: when the folder has none of the forms, or its CSV lacks a column.
    """
    layout = find_affectnet(path)
    if layout is None:
        raise InputError(
            f"{path} is none of AffectNet's forms. Expected labels.csv beside class folders, a folder "
            "Manually_Annotated_Images, or images/ beside annotations/."
        )
    reading = Reading("affectnet", layout, path, build_table([]))
    rows: _Rows = []
    {_SHARED: _read_shared, _OFFICIAL: _read_official, _FORM_2021: _read_2021}[layout](reading, rows)
    reading.table = build_table(rows)
    return reading


def _add(reading: Reading, rows: _Rows, origin: str, where: str, label: object, usage: str) -> None:
    expression = parse_expression(label)
    if expression:
        rows.append((origin, expression, "", usage))
    elif is_class_name(label):
        reading.left_out[str(label).strip().lower()] += 1
    else:
        reading.problems.append(Problem(where, f"unknown class {label!r}"))


def _read_shared(reading: Reading, rows: _Rows) -> None:
    labels = read_csv(reading.root / "labels.csv", needs=("pth", "label"))
    on_disk = {
        image.relative_to(reading.root).as_posix()
        for folder in sorted(reading.root.iterdir())
        if folder.is_dir()
        for image in list_images(folder)
    }
    n_moved = 0
    for number, (pth, label) in enumerate(zip(labels["pth"], labels["label"], strict=True), start=1):
        origin = pth.replace("\\", "/")
        if origin not in on_disk:
            reading.problems.append(Problem(f"labels.csv row {number}", f"there is no image {origin}"))
            continue
        n_moved += parse_expression(origin.split("/")[0]) != parse_expression(label)
        _add(reading, rows, origin, f"labels.csv row {number}", label, "")
    if n_moved:
        reading.notes.append(f"{n_moved} images lie in another class's folder; labels.csv wins")
    n_unlisted = len(on_disk - {pth.replace("\\", "/") for pth in labels["pth"]})
    if n_unlisted:
        reading.problems.append(Problem("labels.csv", f"{n_unlisted} images on disk are not listed in it"))


def _read_official(reading: Reading, rows: _Rows) -> None:
    files = {
        usage: _find_one(reading.root, f"{name}.csv") for usage, name in (("train", "training"), ("val", "validation"))
    }
    if not any(files.values()):
        raise InputError(
            f"{reading.root} has no training.csv or validation.csv. Put the official CSV files beside the images."
        )
    for usage, file in files.items():
        if file is None:
            reading.notes.append(f"no CSV for {usage}")
            continue
        table = read_csv(file, needs=("subDirectory_filePath", "expression"))
        for number, (pth, code) in enumerate(zip(table["subDirectory_filePath"], table["expression"], strict=True), 1):
            origin = f"Manually_Annotated_Images/{pth}"
            label = _CODES[int(code)] if code.isdigit() and int(code) < len(_CODES) else code
            if parse_expression(label) and not (reading.root / origin).is_file():
                reading.problems.append(Problem(f"{file.name} row {number}", f"there is no image {origin}"))
                continue
            _add(reading, rows, origin, f"{file.name} row {number}", label, usage)


def _read_2021(reading: Reading, rows: _Rows) -> None:
    for folder, usage in _parts_2021(reading.root):
        for image in list_images(folder / "images"):
            origin = image.relative_to(reading.root).as_posix()
            annotation = folder / "annotations" / f"{image.stem}_exp.npy"
            try:
                code = int(np.load(annotation, allow_pickle=False))
            except (OSError, ValueError) as error:
                reading.problems.append(Problem(origin, f"its annotation {annotation.name} cannot be read ({error})"))
                continue
            _add(reading, rows, origin, origin, _CODES[code] if 0 <= code < len(_CODES) else code, usage)


def _parts_2021(path: Path) -> list[tuple[Path, str]]:
    parts = [(path / name, usage) for name, usage in (("train_set", "train"), ("val_set", "val"))]
    found = [part for part in parts if _is_2021(part[0])]
    return found or ([(path, "")] if _is_2021(path) else [])


def _is_2021(folder: Path) -> bool:
    return (folder / "images").is_dir() and (folder / "annotations").is_dir()


def _find_one(root: Path, name: str) -> Path | None:
    for folder in (root, root / "Manually_Annotated_Images", root / "Manually_Annotated_file_lists"):
        if (folder / name).is_file():
            return folder / name
    return None
