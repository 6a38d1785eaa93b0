"""The kept workspace as a zip file: without what tells of the machine that made it, and as small as can be."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_LZMA, ZipFile

NEUTRAL = Path("/data/faces")  # in place of the folder in which the workspace was made
_TEXT = (".json", ".jsonl", ".md", ".txt", ".journal", ".toml")


def neutralise(root: Path) -> None:
    """Puts NEUTRAL in place of `root` into every text file below it, and names what is called after a path's digest.

    Raises:
        RuntimeError: where `root` stands in another file.
    """
    _rename_archives(root)
    for events in sorted(root.rglob("events.out.tfevents.*")):
        events.rename(events.with_suffix(".machine"))  # it ends with this one's name
    for path in _list_files(root):
        content = path.read_bytes()
        if str(root).encode() not in content:
            continue
        if path.suffix not in _TEXT:
            raise RuntimeError(f"{path} holds the path {root}: say in pack.py how it is replaced")
        path.write_bytes(content.replace(str(root).encode(), str(NEUTRAL).encode()))


def _rename_archives(root: Path) -> None:
    """The folders that stand for archives, under the names that the archives' neutral paths give them."""
    for stamp in sorted((root / "workspace" / "archives").glob("*/.archive.json")):
        archive = json.loads(stamp.read_text())["archive"]
        digest, new = (_digest(path) for path in (archive, archive.replace(str(root), str(NEUTRAL))))
        old_place = stamp.parent
        place = old_place.with_name(old_place.name.replace(digest, new))
        old_place.rename(place)
        lock = old_place.with_name(f".{old_place.name}.lock")
        lock.rename(place.with_name(f".{place.name}.lock"))
        for path in _list_files(root):
            if path.suffix in _TEXT:
                path.write_bytes(path.read_bytes().replace(old_place.name.encode(), place.name.encode()))


def _digest(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()[:12]


def write_pack(root: Path, path: Path) -> None:
    """Zips everything below `root`, empty folders too."""
    with ZipFile(path, "w", ZIP_LZMA) as archive:
        for file in sorted(root.rglob("*")):
            if file.is_file() or not any(file.iterdir()):
                archive.write(file, file.relative_to(root))


def drop_checkpoints(runs: Path, keep: set[str]) -> None:
    """Removes what only a resume needs from all runs but these, by their ids."""
    for path in sorted(runs.glob("*/checkpoints/last.pt")):
        if path.parts[-3] not in keep:
            path.unlink()


def remove_sources(root: Path) -> None:
    """Removes the folder of pictures: what a data set was made of need not be there any more."""
    shutil.rmtree(root / "sources")


def _list_files(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.rglob("*")) if path.is_file())
