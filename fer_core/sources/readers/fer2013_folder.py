"""FER2013 as class folders, recognised by its unique numbers of faces per class or by its files' names."""

import re
from pathlib import Path

from fer_core.labels import EXPRESSIONS, parse_expression
from fer_core.sources.ignored import list_folders, list_plain_files, sample_names
from fer_core.sources.readers.class_folders import find_named_splits, simplify_class

LAYOUT = "FER2013, folder form (train/<class>, test/<class>)"
_NAME = re.compile(r"(Training|PublicTest|PrivateTest)_\d+")
# Faces of each of EXPRESSIONS in Training, PublicTest, PrivateTest, and in the two last together.
_COUNTS = (
    (3995, 436, 4097, 7215, 4830, 3171, 4965),
    (467, 56, 496, 895, 653, 415, 607),
    (491, 55, 528, 879, 594, 416, 626),
    (958, 111, 1024, 1774, 1247, 831, 1233),
)


def is_fer2013_folder(path: Path) -> bool:
    """Whether the split folders in `path` are FER2013's, not those of another data set with that layout."""
    splits = [folder for folder, _ in find_named_splits(path)]
    names = [name for split in splits for folder in list_folders(split) for name in sample_names(folder)]
    if names and sum(map(bool, map(_NAME.match, names))) > len(names) / 2:
        return True
    return any(_count(split) in _COUNTS for split in splits)


def _count(split: Path) -> tuple[int, ...]:
    counts = dict.fromkeys(EXPRESSIONS, 0)
    for folder in list_folders(split):
        expression = parse_expression(simplify_class(folder.name))
        if expression:
            counts[expression] += len(list_plain_files(folder))
    return tuple(counts.values())
