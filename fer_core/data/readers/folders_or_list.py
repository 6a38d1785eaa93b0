"""Which of two says the labels, where a list of pictures lies beside class folders: the list, as long as both agree."""

from pathlib import Path

from fer_core.data.ignored import list_plain_files
from fer_core.data.readers.class_folders import find_named_splits
from fer_core.data.readers.image_folder import read_image_folder
from fer_core.data.readers.path_csv import find_path_csv, read_path_csv
from fer_core.data.records import BOX, Reading
from fer_core.errors import InputError

_OWN_LIST = "labels.csv"  # wins over the folders: it is AffectNet's way of correcting them
_TABLES = (".csv", ".tsv", ".jsonl", ".parquet")


def prefers_list(path: Path) -> bool:
    """Whether the list beside the class folders in `path` is to be read, which may say subjects, splits and boxes too.

    Raises:
        InputError: when the list gives some picture another class than its folder does, or none, or another split.
    """
    if not find_path_csv(path):
        return False
    if (path / _OWN_LIST).is_file():
        return True
    folders = read_image_folder(path)
    try:
        listed = read_path_csv(path)
    except InputError as error:
        raise _refuse(path, f"the list cannot be used beside them ({error})") from error
    said = _find_labels(listed)
    for picture, (label, usage) in _find_labels(folders).items():
        other, other_usage = said.get(picture, ("", ""))
        if other != label or (usage and other_usage and usage != other_usage):
            name = Path(picture).relative_to(folders.root.resolve()).as_posix()
            told = " ".join(filter(None, (other, other_usage))) or "nothing"
            raise _refuse(path, f"the list says {told} of {name}")
    return bool(listed.table["subject"].any() or listed.table["usage"].any() or BOX in listed.table)


def take_splits(reading: Reading) -> None:
    """Gives the rows of a list that says no split the one of the folder their picture lies in."""
    found = find_named_splits(reading.root) if reading.root.is_dir() else []
    splits = {folder.relative_to(reading.root).parts[0]: usage for folder, usage in found}
    if splits and not reading.table["usage"].any():
        first = reading.table["origin"].str.partition("/")[0]
        reading.table["usage"] = first.map(splits).fillna("")


def note_tables(root: Path) -> list[str]:
    """What is told of tables that lie beside class folders and are not read."""
    names = [file.name for file in list_plain_files(root) if file.suffix.lower() in _TABLES]
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


def _refuse(path: Path, what: str) -> InputError:
    return InputError(
        f"{path} has class folders and a list of pictures, and {what}. Say which is right: name the list as "
        "csv=PATH, or the folder as folder=PATH."
    )
