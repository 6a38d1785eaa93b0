"""CK+ (Extended Cohn-Kanade), as commonly shared, CK+48, or as published (`ckplus_original`).

Contents: the last three frames of 327 posed sequences, in CK+48 faces cropped to 48x48 grey, 981 images.
Labels: anger, contempt, disgust, fear, happy, sadness, surprise; no neutral in this form.
Subjects: 118, in the file name: `S<subject>_<session>_<frame>.png`.
Splits: none; frames of one subject must stay together.
Publication: Lucey et al., The Extended Cohn-Kanade Dataset (CK+), CVPR Workshops 2010.
Licence: research use.
Known faults: three nearly identical frames per sequence; scores on random splits mean little.
"""

import re
from pathlib import Path

from fer_core.errors import InputError
from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.ignored import list_folders, sample_names
from fer_core.sources.readers.ckplus_original import LAYOUT as ORIGINAL
from fer_core.sources.readers.ckplus_original import find_original, read_original
from fer_core.sources.readers.image_folder import read_image_folder
from fer_core.sources.records import SEQUENCE, Reading

_FRAME = re.compile(r"(S\d{3})_\d{3}_\d{8}")
_SEQUENCE = re.compile(r"(S\d{3}_\d{3})_\d{8}")
_LAYOUT = "CK+48 (<emotion>/S<subject>_<session>_<frame>.png)"


def find_ckplus(path: Path) -> str | None:
    """The layout if `path` has class folders of S..._..._... frames, or separate images and emotions, else None."""
    if find_original(path):
        return ORIGINAL
    names = [name for folder in list_folders(path) for name in sample_names(folder)]
    return _LAYOUT if names and sum(map(bool, map(_FRAME.match, names))) > len(names) / 2 else None


def read_ckplus(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The frames of either form with the subject and the sequence from each file's name.

    Raises:
        InputError: if the folder does not have the layout of CK+48.
    """
    original = find_original(path)
    if original:
        return read_original(path, *original, classes)
    if find_ckplus(path) is None:
        raise InputError(f"{path} is not CK+48. Expected folders such as anger/ with files S010_004_00000017.png.")
    reading = read_image_folder(path, classes)
    reading.source, reading.layout = "ckplus", _LAYOUT
    reading.table["subject"] = reading.table["origin"].str.extract(_FRAME.pattern, expand=False).fillna("")
    reading.table[SEQUENCE] = reading.table["origin"].str.extract(_SEQUENCE.pattern, expand=False).fillna("")
    return reading
