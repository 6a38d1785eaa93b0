"""An assembled data set: a folder with the faces, one table, and its recipe."""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.base.columns import check_choices, check_texts
from fer_core.base.documents import read_model
from fer_core.base.files import UnreadableError, read_array, read_table
from fer_core.base.unreadable import Unreadable, find_problem, list_unreadable
from fer_core.base.workspace import check_name, datasets_dir, is_name, list_folders
from fer_core.datasets.counts import FaceCount
from fer_core.datasets.info import DatasetInfo
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, INDEX
from fer_core.sources.records import VOTES

FACES, TABLE, INFO = "faces.npy", "faces.parquet", "dataset.json"

_COLUMNS = ("face_id", "sha256", "expression", "split", "source")


@dataclass(frozen=True)
class Dataset:
    """One assembled data set, read lazily from its folder.

    Attributes:
        path: the folder.
        info: `dataset.json`: recipe, counts, leak report, fingerprint.

    Example:
        >>> data = fer.open_dataset("demo")
        >>> data.faces.shape, data.labels.shape, len(data.rows("test"))
        ((420, 64, 64), (420,), 42)
        >>> data.table["expression"][0] in fer.EXPRESSIONS
        True
    """

    path: Path
    info: DatasetInfo

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @cached_property
    def faces(self) -> np.ndarray:
        """(N, H, W) uint8, memory-mapped."""
        path = self.path / FACES
        faces, shape = read_array(path, mapped=True), (self.info.n, *[self.info.size_px] * 2)
        if faces.shape != shape or faces.dtype != np.uint8:
            raise UnreadableError(path, f"expected {shape} bytes, found {faces.shape} of {faces.dtype}", self._way_on)
        return faces

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per face, in the order of `faces`."""
        return self._read_table()

    def _read_table(self) -> pd.DataFrame:
        table = read_table(self.path / TABLE, *_COLUMNS)
        if len(table) != self.info.n:
            found = f"expected {self.info.n:,} rows, found {len(table):,}"
            raise UnreadableError(self.path / TABLE, found, self._way_on)
        check_texts(table, ("face_id", "sha256", "source"), self.path / TABLE, self._way_on)
        check_choices(table, "expression", EXPRESSIONS, self.path / TABLE, self._way_on)
        check_choices(table, "split", ("train", "val", "test"), self.path / TABLE, self._way_on)
        return table

    @property
    def _way_on(self) -> str:
        return f"Restore it from a copy, or assemble the data set again: fer data again {self.name}."

    @cached_property
    def labels(self) -> np.ndarray:
        """(N,) int64 indices into EXPRESSIONS."""
        return self.table["expression"].map(INDEX).to_numpy(np.int64)

    @cached_property
    def votes(self) -> np.ndarray | None:
        """(N, 7) float32 shares of several people's votes, NaN for faces without votes; None if no face has any."""
        columns = [f"{VOTES}{expression}" for expression in EXPRESSIONS]
        return self.table[columns].to_numpy(np.float32) if columns[0] in self.table else None

    def rows(self, split: str) -> np.ndarray:
        """(n,) row numbers of one split, ascending."""
        return np.flatnonzero((self.table["split"] == split).to_numpy())

    def find_rows(
        self, face_ids: Sequence[str] | pd.Series, digests: Sequence[str] | pd.Series | None = None
    ) -> np.ndarray:
        """(n,) int64 row of each face in this version of the data set, -1 for one that is no longer in it.

        Args:
            face_ids: n names.
            digests: of their pixels (`digests`): a face of that name with other pixels is another face. None if they
                were not stored: then only names are compared.
        """
        rows = self._by_name.reindex(pd.Index(face_ids)).fillna(-1).to_numpy(np.int64)
        if digests is not None and len(rows):
            rows = np.where(self.digests[rows] == np.asarray(digests, dtype=object), rows, -1)
        return rows

    @cached_property
    def digests(self) -> np.ndarray:
        """(N,) object, the first 16 hexadecimal digits of each face's sha256, to distinguish faces of one name."""
        return self.table["sha256"].str[:16].to_numpy(object)

    @cached_property
    def _by_name(self) -> pd.Series:
        names = self.table["face_id"]
        return pd.Series(np.arange(len(names)), index=names)[~names.duplicated().to_numpy()]

    def draw_rows(self, among: str | np.ndarray, n: int, seed: int) -> np.ndarray:
        """Draws up to `n` (1 or more) row numbers from one split or from the given rows, ascending.

        Each expression keeps its share to within one face.

        The same seed draws the same rows on any machine.
        """
        rows = np.random.default_rng(seed).permutation(self.rows(among) if isinstance(among, str) else among)
        by_expression = rows[np.argsort(self.labels[rows], kind="stable")]
        n = min(n, len(rows))
        return np.sort(by_expression[np.arange(n) * len(rows) // n])


def open_dataset(name: str) -> Dataset:
    """The data set of that name in the workspace.

    Raises:
        InputError: if there is none; the message lists the existing ones.

    Example:
        >>> fer.open_dataset("demo").name
        'demo'
    """
    path = find_folder(name)
    problem = find_problem([path / INFO], lambda: _read_info(path))
    if problem:
        raise problem
    return Dataset(path, _read_info(path))


def find_folder(name: str) -> Path:
    """The folder of the data set of that name; raises like `open_dataset` if there is none."""
    path = datasets_dir() / check_name(name, "data set")
    if not os.path.lexists(path / INFO):
        known = ", ".join(dataset_names()) or "none yet"
        raise InputError(
            f"There is no data set {name!r} (available: {known}). Make it with fer data assemble {name} --source PATH."
        )
    return path


def _read_info(path: Path) -> DatasetInfo:
    info = read_model(path / INFO, DatasetInfo)
    return info if info.name == path.name else info.model_copy(update={"name": path.name})  # a copied folder


def dataset_names() -> list[str]:
    """The names of the assembled data sets, sorted; a folder with a name that none can have is not one."""
    return [path.name for path in list_folders(datasets_dir(), INFO) if is_name(path.name)]


def list_datasets() -> list[Dataset]:
    """The readable data sets, by name.

    Example:
        >>> [data.name for data in fer.list_datasets()]
        ['demo']
    """
    found = []
    for name in dataset_names():
        with suppress(InputError):
            found.append(open_dataset(name))
    return found


def list_unreadable_datasets() -> list[Unreadable]:
    """The data sets with a damaged dataset.json or an impossible name, by name."""
    names = [path.name for path in list_folders(datasets_dir(), INFO)]
    return list_unreadable((name, _find_problem(name)) for name in names)


def _find_problem(name: str) -> InputError | None:
    try:
        open_dataset(name)
    except InputError as error:
        return error
    return None


def delete_dataset(name: str) -> None:
    """Deletes the data set's folder and its unpacked archives; runs trained on it keep their own files.

    It does not check whether the data set is in use; `fer_core.studies.dataset_use.delete_unused` does.
    """
    from fer_core.sources.archives.sweep import sweep_archives

    path = find_folder(name)
    gone = path.with_name(f".{name}.old")  # so that it is no data set from the first file on
    shutil.rmtree(gone, ignore_errors=True)
    shutil.rmtree(path.rename(gone))
    sweep_archives()


def count_faces(table: pd.DataFrame) -> tuple[FaceCount, ...]:
    """One count per source, expression and split with faces, in the order of sources, expressions and splits."""
    counts = table.groupby(["source", "expression", "split"], sort=False).size()
    return tuple(
        FaceCount(source=source, expression=expression, split=split, n=int(counts[source, expression, split]))
        for source in table["source"].unique()
        for expression in EXPRESSIONS
        for split in ("train", "val", "test")
        if (source, expression, split) in counts.index
    )
