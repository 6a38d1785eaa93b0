"""ImageNet weights for a machine without network access: kernels in float16, under the expected file names."""

from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from fer_core.errors import InputError
from fer_core.studies.results.rows import Row, TrainRow


def list_pretrained(rows: list[Row]) -> dict[str, str]:
    """Networks that start from ImageNet weights -> the first row that uses each."""
    found: dict[str, str] = {}
    for row in rows:
        if isinstance(row, TrainRow):
            config = row.config(row.seeds[0])
            if config.init == "imagenet":
                found.setdefault(config.model, row.name)
    return found


def pack_weights(path: Path, rows: list[Row]) -> list[str]:
    """Writes the ImageNet weights that rows start from into a zip file, one file per network; returns the file names.

    Args:
        path: of the zip file; created only if there are any.
        rows: the rows to run.

    Raises:
        InputError: if they are unavailable; the message names the row that needs them.
    """
    needed = list_pretrained(rows)
    if not needed:
        return []
    from fer_core.models.weights import write_imagenet  # torch

    names = []
    with TemporaryDirectory() as folder, ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for model, row in needed.items():
            try:
                file = write_imagenet(model, Path(folder))
            except InputError as error:
                raise InputError(f"The row {row} cannot be packed: {error} Or pack other rows with --only.") from error
            archive.write(file, file.name)
            names.append(file.name)
    return sorted(names)
