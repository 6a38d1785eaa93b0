"""Downloading data sets from Kaggle with kagglehub (an extra) and the user's account. Each set has its own terms."""

import errno
from dataclasses import dataclass
from pathlib import Path

from fer_core.base.extras import need_extra
from fer_core.base.files import explain_full_disk
from fer_core.base.workspace import home
from fer_core.errors import InputError
from fer_core.sources.ignored import list_entries
from fer_core.sources.readers import find_source


@dataclass(frozen=True)
class Place:
    """A data set on Kaggle: owner/name, and the reader for the download."""

    handle: str
    reader: str

    @property
    def url(self) -> str:
        """Its page, for a download by hand."""
        return f"https://www.kaggle.com/datasets/{self.handle}"


PLACES: dict[str, Place] = {
    "fer2013": Place("deadskull7/fer2013", "fer2013"),
    "ckplus": Place("shawon10/ckplus", "ckplus"),
    "affectnet-sample": Place("noamsegal/affectnet-training-data", "affectnet"),
}


def fetch_source(name: str, folder: Path | None = None) -> Path:
    """Downloads a data set and returns its folder, ready for `fer data inspect` and `assemble`.

    kagglehub finds the credentials: KAGGLE_API_TOKEN, or ~/.kaggle/kaggle.json.

    Args:
        name: one of PLACES.
        folder: new or empty, or already containing the set; None: `downloads/NAME` in the workspace.

    Raises:
        InputError: for an unknown name, or if kagglehub, credentials or the network are missing; the message says how
            to download the set by hand.
    """
    if name not in PLACES:
        raise InputError(f"{name!r} cannot be downloaded: choose one of {', '.join(PLACES)}.")
    place, folder = PLACES[name], folder or home() / "downloads" / name
    by_hand = f"Or download it by hand from {place.url}, unpack it into {folder}, and run fer data inspect {folder}"
    if folder.is_dir() and list_entries(folder):
        return _find_source(folder, place, "Give a new or an empty folder")
    try:
        need_extra("fetch", f"Downloading {name}")
    except InputError as error:
        raise InputError(f"{error} {by_hand}.") from error
    import kagglehub

    with explain_full_disk(folder):
        try:
            found = Path(kagglehub.dataset_download(place.handle, output_dir=str(folder)))
        except Exception as error:  # it has a dozen kinds, of its own and of requests, with no common base
            if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EACCES):
                raise
            reason = " ".join(str(error).split()) or type(error).__name__
            raise InputError(
                f"Kaggle did not provide {name} ({reason}). Check the network and your account: KAGGLE_API_TOKEN, "
                f"or ~/.kaggle/kaggle.json from https://www.kaggle.com/settings. {by_hand}."
            ) from error
    return _find_source(found, place, by_hand)


def _find_source(folder: Path, place: Place, next_step: str) -> Path:
    """The folder, or the one below it, that the reader recognises."""
    try:
        name, _, found = find_source(folder)
    except InputError:
        name, found = "", folder
    if name == place.reader:
        return found
    raise InputError(f"{folder} does not have the layout of {place.reader}. {next_step}.")
