"""Whether the files of a folder follow a data set's naming scheme."""

from collections.abc import Callable
from pathlib import Path

from fer_core.labels import is_class_name
from fer_core.pictures.image_files import known_suffixes
from fer_core.sources.ignored import list_folders, sample_names


def fits_naming(path: Path, is_named: Callable[[str], bool]) -> bool:
    """Whether most pictures in `path`, or in its folders, follow the naming scheme.

    False if they are all in one folder that is not named as a class: that folder is then the data set.
    """
    own = _share(path, is_named)
    inner = {folder.name: count for folder in list_folders(path) if (count := _share(folder, is_named))[1]}
    named, n = (sum(counts) for counts in zip(own, *inner.values(), strict=True))
    holders = [name for name, count in inner.items() if count[0]]
    is_around = not own[0] and len(holders) == 1 and not is_class_name(holders[0])
    return named > n / 2 and not is_around


def _share(folder: Path, is_named: Callable[[str], bool]) -> tuple[int, int]:
    names = [name for name in sample_names(folder) if Path(name).suffix.lower() in known_suffixes()]
    return sum(map(is_named, names)), len(names)
