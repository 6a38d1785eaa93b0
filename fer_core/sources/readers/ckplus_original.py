"""CK+ as published: sequences of frames, and a file with the emotion for each labelled sequence."""

import re
from collections import defaultdict
from pathlib import Path, PurePosixPath

from fer_core.sources.classes import ORDERS, Classes
from fer_core.sources.ignored import list_folders
from fer_core.sources.listing import list_files
from fer_core.sources.lists.csv_files import read_text
from fer_core.sources.lists.rows import NO_IMAGE, Rows
from fer_core.sources.readers.image_folder import is_picture
from fer_core.sources.records import SEQUENCE, Problem, Reading

LAYOUT = "CK+, original form (cohn-kanade-images and Emotion)"
_N_LABELLED = 3  # the last frames of a sequence, as CK+48 has them
_FRAME = re.compile(r"(S\d{3})_(\d{3})_(\d{8})\.")
_EMOTION = re.compile(r"(S\d{3})_(\d{3})_\d{8}_emotion\.txt")
NOT_LABELLED = "a frame before the last three of its sequence"
NO_EMOTION = "a sequence without an emotion file"


def find_original(path: Path) -> tuple[Path, Path] | None:
    """The folders of images and of emotions in `path`, None without both."""
    folders = {folder.name.lower(): folder for folder in list_folders(path)}
    images = next((folder for name, folder in folders.items() if "cohn-kanade-images" in name), None)
    emotions = next((folder for name, folder in folders.items() if name.startswith("emotion")), None)
    return (images, emotions) if images and emotions else None


def read_original(path: Path, images: Path, emotions: Path, classes: Classes) -> Reading:
    """The last three frames of each labelled sequence, with the subject; all others are counted as left out."""
    rows = Rows(classes)
    labels = _read_emotions(emotions, rows)
    frames: dict[tuple[str, str], list[str]] = defaultdict(list)
    files, strays = list_files(images)
    rows.problems += [Problem(f"{images.name}/{stray.origin}", stray.message) for stray in strays]
    for file in files:
        name = _FRAME.match(PurePosixPath(file).name)
        if name and is_picture(images / file):
            frames[name[1], name[2]].append(f"{images.name}/{file}")
        elif is_picture(images / file):
            rows.problems.append(Problem(f"{images.name}/{file}", "its name is not like S005_001_00000011.png"))
        else:
            rows.left_out[NO_IMAGE] += 1
    for sequence, origins in frames.items():
        if sequence not in labels:
            rows.left_out[NO_EMOTION] += len(origins)
            continue
        origins.sort(key=lambda origin: PurePosixPath(origin).name)
        rows.left_out[NOT_LABELLED] += len(origins[:-_N_LABELLED])
        for origin in origins[-_N_LABELLED:]:
            rows.add(origin, labels[sequence], origin, subject=sequence[0])
    for subject, number in sorted(set(labels) - set(frames)):
        rows.problems.append(Problem(f"{emotions.name}/{subject}/{number}", "there are no images of this sequence"))
    reading = rows.build_reading("ckplus", LAYOUT, path)
    reading.left_out = +reading.left_out
    sequences = reading.table["origin"].str.extract(r"(S\d{3}_\d{3})_[^/]*$", expand=False)
    reading.table[SEQUENCE] = sequences.fillna("")
    reading.notes.append("only the last three frames of each labelled sequence are used, not the neutral first ones")
    return reading


def _read_emotions(folder: Path, rows: Rows) -> dict[tuple[str, str], str]:
    """(subject, sequence) -> class."""
    files, strays = list_files(folder)
    rows.problems += [Problem(f"{folder.name}/{stray.origin}", stray.message) for stray in strays]
    labels = {}
    for file in files:
        name, text = _EMOTION.match(PurePosixPath(file).name), read_text(folder / file).strip()
        try:
            code = float(text)
        except ValueError:
            code = -1
        if not name:
            rows.left_out[NO_IMAGE] += 1
        elif code not in ORDERS["ckplus"]:
            rows.problems.append(
                Problem(f"{folder.name}/{file}", f"expected an emotion from 0 to 7, got {text[:20]!r}")
            )
        else:
            labels[name[1], name[2]] = ORDERS["ckplus"][int(code)]
    return labels
