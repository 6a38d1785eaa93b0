"""Lists in a different folder from their pictures, or beside an archive of them."""

from pathlib import Path

from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.sources.archives.folder import archives_dir, open_archive
from fer_core.sources.archives.members import is_archive
from fer_core.sources.classes import Classes
from fer_core.sources.ignored import list_plain_files
from fer_core.sources.listing import NO_SUCH_IMAGE, OUTSIDE
from fer_core.sources.readers.path_csv import read_path_csv
from fer_core.sources.records import Reading


def find_pictures(reading: Reading, given: Path, place: Path, classes: Classes) -> Reading:
    """The reading unchanged, or if none of the list's pictures are beside it, one with the pictures found elsewhere.

    They are looked for in the folders of the given source, and in the only archive beside the list.

    Args:
        reading: of the list.
        given: the source's path; for an archive, its folder.
        place: the list, or its folder.
        classes: the user's settings.

    Raises:
        InputError: if the pictures are in neither place, or in both.
    """
    missing = [p for p in reading.problems if p.message.startswith(NO_SUCH_IMAGE) or OUTSIDE in p.message]
    if not reading.table.empty or not missing or len(missing) < len(reading.problems) or reading.left_out:
        return reading
    folder = place if place.is_dir() else place.parent
    is_packed = archives_dir() in given.parents  # of an archive in an archive only the outer one is opened
    archives = [] if is_packed else [file for file in list_plain_files(folder) if is_archive(file)]
    roots = [given] if given != place and given.is_dir() else []
    opened = open_archive(archives[0])[0] if len(archives) == 1 else folder
    found = [read_path_csv(place, classes, root) for root in (*roots, *([opened] if opened != folder else []))]
    found = [other for other in found if not other.table.empty]
    if len(found) == 1:
        is_beside = opened != folder and found[0].root == opened.resolve()
        where = archives[0].name if is_beside else "the folders around the list"
        found[0].notes.append(f"the pictures are read from {where}, because none are beside the list")
        return found[0]
    if len(missing) == 1 and not archives:
        return reading  # a bad row, not a list without its pictures
    names = ", ".join(file.name for file in archives)
    beside = f" Or unpack the archive with the pictures ({names}) there." if archives else ""
    raise InputError(
        f"{folder} has a list of {count_of(len(missing), 'picture')}, but none of its pictures are beside it ("
        f"{missing[0].message}). Give the folder or archive with both the list and the pictures.{beside}"
    )
