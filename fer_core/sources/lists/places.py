"""The locations of the pictures in a list."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from fer_core.sources.archives.picture_sizes import read_sizes
from fer_core.sources.listing import IMAGE_FOLDERS, OUTSIDE, Finder
from fer_core.sources.lists.columns import USAGES


class Places:
    """Finds the images of one list: by the given path, or in a folder that the path omits."""

    def __init__(self, finder: Finder, root: Path, file: Path, usage: str, is_above: bool) -> None:
        own = file.parent.relative_to(root) if file.is_relative_to(root) else Path()
        folders = (own, *own.parents) if is_above else (own,)
        self._prefixes = ["" if folder == Path() else f"{folder.as_posix()}/" for folder in folders]
        self._finder, self._root = finder, root
        self._usage = usage
        self.found: set[str] = set()

    def find(self, name: str, split: str = "") -> str:
        """The image's path, also below a folder of the split; raises ValueError with a phrase."""
        origin = self._find(name, self._usage or split)
        self.found.add(origin)
        return origin

    def _find(self, name: str, split: str) -> str:
        try:
            return self._finder.find(name if name.startswith("/") else self._prefixes[0] + name)
        except ValueError as error:
            above = [f"{prefix}{name}" for prefix in self._prefixes[1:]]
            inner = [f"{prefix}{folder}/{name}" for prefix in self._prefixes for folder in _name_folders(split)]
            found = {origin for other in (*above, *inner) if (origin := self._try(other))}
            if (OUTSIDE in str(error) and len(self._prefixes) == 1) or len(found) != 1:
                raise
            return found.pop()

    def read_sizes(self, names: list[str]) -> Iterator[tuple[int, int] | None]:
        """Yields (width, height) of each picture, None for one that is not there."""
        origins = []
        for name in names:
            with suppress(ValueError):
                origins.append(self.find(name))
                continue
            origins.append("")
        return read_sizes(self._root.resolve(), origins)

    def _try(self, name: str) -> str:
        try:
            return self._finder.find(name)
        except ValueError:
            return ""


@cache
def _name_folders(split: str) -> list[str]:
    """Folders that the paths in a list may omit."""
    words = [word for word, of in USAGES.items() if split and of == split]
    return [*IMAGE_FOLDERS, *words, *(f"{images}/{word}" for images in IMAGE_FOLDERS for word in words)]
