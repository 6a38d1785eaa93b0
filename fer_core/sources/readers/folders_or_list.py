"""Choosing between class folders and a list of pictures beside them: the list is read as long as both agree."""

from pathlib import Path

from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.sources.classes import KNOWN_NAMES, Classes, Unclear
from fer_core.sources.ignored import list_plain_files
from fer_core.sources.readers.class_folders import SPLIT_FOLDERS, simplify_class
from fer_core.sources.readers.image_folder import read_image_folder
from fer_core.sources.readers.path_csv import find_path_csv, read_path_csv
from fer_core.sources.records import BOX, Reading

_TABLES = (".csv", ".tsv", ".jsonl", ".parquet")


def prefers_list(path: Path, classes: Classes = KNOWN_NAMES) -> bool:
    """Whether to read the list beside the class folders in `path`: if it adds subjects, splits, boxes or faces.

    Args:
        path: the folder.
        classes: the user's settings for class names, numbers and boxes.

    Raises:
        InputError: if the list gives a picture a class other than its folder's, no class, or another split.
    """
    if not find_path_csv(path):
        return False
    folders = read_image_folder(path, classes)
    try:
        listed = read_path_csv(path, classes)
    except Unclear as error:
        raise type(error)(f"{error} Or ignore the list and give the folder as folder=PATH.") from error
    except InputError as error:
        raise _refuse(path, f"the list cannot be used beside them ({error})") from error
    said, placed = _find_labels(listed), _find_labels(folders)
    wrong = [picture for picture, has in placed.items() if not _agree(has, said.get(picture, ("", "")))]
    if wrong:
        stated = " ".join(filter(None, said.get(wrong[0], ()))) or "nothing"
        name = Path(wrong[0]).relative_to(folders.root.resolve()).as_posix()
        raise _refuse(path, _explain_difference(len(wrong), len(placed), stated, name))
    columns = listed.table["subject"].any() or listed.table["usage"].any() or BOX in listed.table
    return bool(columns or said.keys() - placed.keys())


def _agree(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two give a picture the same (expression, split); one of them may lack the split."""
    return one[0] == other[0] and (not (one[1] and other[1]) or one[1] == other[1])


def take_splits(reading: Reading) -> None:
    """Gives each row of a list without a split the one that a folder in its picture's path names."""
    empty = reading.table["usage"] == ""
    reading.table.loc[empty, "usage"] = reading.table.loc[empty, "origin"].map(find_split)


def check_folders(reading: Reading, path: Path) -> None:
    """Returns if no picture of a list is in a folder named like a class other than its label.

    Raises:
        InputError: if one is; the user has to choose between the two.
    """
    pictures = reading.table["origin"].str.split("/")
    placed = pictures.map(lambda parts: KNOWN_NAMES.parse(simplify_class(parts[-2])) if len(parts) > 1 else None)
    wrong = reading.table[placed.notna() & (placed != reading.table["expression"])]
    if len(wrong):
        stated, name = wrong["expression"].iloc[0], wrong["origin"].iloc[0]
        raise _refuse(path, _explain_difference(len(wrong), len(reading.table), stated, name))


def find_split(picture: str) -> str:
    """The split that the folders in a picture's path name; "" if they name none or two."""
    found = {SPLIT_FOLDERS[part] for part in picture.lower().split("/")[:-1] if part in SPLIT_FOLDERS}
    return found.pop() if len(found) == 1 else ""


def note_tables(root: Path) -> list[str]:
    """Notes on tables beside class folders that are not read."""
    names = [
        file.name
        for file in list_plain_files(root)
        if file.suffix.lower() in _TABLES or (file.suffix.lower() == ".txt" and find_path_csv(file))
    ]
    names = [name for name in names if not name.startswith(("legend.", "classes."))]
    return [f"beside the class folders, not read: {', '.join(sorted(names))}"] if names else []


def _find_labels(reading: Reading) -> dict[str, tuple[str, str]]:
    """Picture -> (expression, split); ("several", "") for one with faces of different expressions."""
    table = reading.table
    pictures = table["origin"]
    if BOX in table:
        pictures = pictures.where(table[BOX] == "", pictures.str.rpartition("#")[0])
    found: dict[str, tuple[str, str]] = {}
    root = reading.root.resolve()
    for picture, label, usage in zip(pictures, table["expression"], table["usage"], strict=True):
        if found.setdefault(f"{root}/{picture}", (label, usage))[0] != label:
            found[f"{root}/{picture}"] = ("several", "")
    return found


def _explain_difference(n_wrong: int, n: int, stated: str, name: str) -> str:
    example = "for example, " if n_wrong > 1 else ""
    return f"they differ on {n_wrong:,} of {count_of(n, 'picture')}: {example}the list says {stated} for {name}"


def _refuse(path: Path, what: str) -> InputError:
    return InputError(
        f"{path} has class folders and a list of pictures, and {what}. Choose the correct one: give the list as "
        "csv=PATH, or the folder as folder=PATH."
    )
