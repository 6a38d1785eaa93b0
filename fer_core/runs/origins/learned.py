"""The faces that a network was trained on, stored with its weights, so that no later score counts them as new.

`learned.npy` is (n, 2) uint64, in ascending order: the first 8 bytes of a face's sha256, and its perceptual hash
(`fer_core.datasets.checks.near_copies`), which identifies near copies without the old pixels. `learned.json` says
whose faces are missing, and which weights files (by their sha256) the list belongs to. No torch here.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer_core.base.files import UnreadableError, read_array, read_document, reading, write_atomic, write_json
from fer_core.datasets.checks.near_copies import hash_faces, mirror_hashes
from fer_core.datasets.dataset import Dataset

FACES, GAPS = "learned.npy", "learned.json"
WEIGHTS = "weights"  # in learned.json: {file name: sha256} of the weights that the list is about

MAX_BITS = 6
"""Bits in which the hash of a near copy of a learned face may differ; chosen in `docs/experiments.md`."""

_PAIRS = 1 << 22  # compared at a time: 64 MB


@dataclass(frozen=True)
class Learned:
    """The faces that a network and its parent networks were trained on.

    Attributes:
        faces: (n, 2) uint64 digest and hash of each, ascending, each digest once.
        missing: reasons why the list is incomplete, so that copies cannot be counted.
        outside: initial weights from a file with unknown training faces, such as "file:vgg.pt".
    """

    faces: np.ndarray
    missing: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether the list is complete."""
        return not self.missing

    @property
    def note(self) -> str | None:
        """One sentence on what is unknown; None if everything is known."""
        if self.missing:
            return f"It is not known which faces this network was trained on: {'; '.join(self.missing)}."
        if self.outside:
            return (
                f"It is not known which faces the initial weights ({', '.join(self.outside)}) were trained on, so "
                "they are not counted as copies."
            )
        return None


def nothing_learned(missing: tuple[str, ...] = (), outside: tuple[str, ...] = ()) -> Learned:
    """An empty list of faces."""
    return Learned(np.empty((0, 2), np.uint64), missing, outside)


def list_training(dataset: Dataset) -> Learned:
    """The training faces of a data set under its split."""
    return list_faces(dataset, dataset.rows("train"))


def list_faces(dataset: Dataset, rows: np.ndarray) -> Learned:
    """The faces in (n,) rows of a data set."""
    pairs = np.column_stack([to_numbers(dataset.digests[rows]), hash_faces(dataset.faces, rows)])
    return join_learned([nothing_learned(), Learned(pairs)])


def join_learned(parts: list[Learned]) -> Learned:
    """The faces of all parts, each once, with all their gaps."""
    faces = np.concatenate([part.faces for part in parts])
    faces = faces[np.unique(faces[:, 0], return_index=True)[1]]
    missing, outside = (
        tuple(dict.fromkeys(gap for part in parts for gap in getattr(part, name))) for name in ("missing", "outside")
    )
    return Learned(faces, missing, outside)


def write_learned(folder: Path, learned: Learned) -> None:
    """Writes learned.npy (16 bytes per face) and learned.json into a run's folder; entries of note_weights are kept."""
    buffer = io.BytesIO()
    np.save(buffer, learned.faces)
    gaps = {"n": len(learned.faces), "missing": learned.missing, "outside": learned.outside}
    write_json(folder / GAPS, {**_read_gaps(folder), **gaps})
    write_atomic(folder / FACES, lambda temporary: temporary.write_bytes(buffer.getvalue()))


def read_learned(folder: Path) -> Learned | None:
    """The list written by write_learned; None if there is none.

    Raises:
        InputError: if the file is damaged.
    """
    path = folder / FACES
    try:
        faces = read_array(path)
    except FileNotFoundError:
        return None
    if faces.ndim != 2 or faces.shape[1] != 2 or faces.dtype != np.uint64:
        raise UnreadableError(path, "it is not a list of faces", "Delete it; it is rebuilt from the data set.")
    gaps = _read_gaps(folder)
    return Learned(faces, tuple(gaps.get("missing", ())), tuple(gaps.get("outside", ())))


def note_weights(folder: Path, weights: Path) -> None:
    """Records in learned.json the digest of the weights file that the list belongs to, replacing the earlier one."""
    gaps = _read_gaps(folder)
    write_json(folder / GAPS, {**gaps, WEIGHTS: {**gaps.get(WEIGHTS, {}), weights.name: _digest_file(weights)}})


def is_about(folder: Path, weights: Path) -> bool | None:
    """Whether the folder's list belongs to these weights; None if an older list does not say.

    Raises:
        InputError: if the list is damaged.
    """
    kept = _read_gaps(folder).get(WEIGHTS)
    return None if kept is None else _digest_file(weights) in kept.values()


def _digest_file(path: Path) -> str:
    with reading(path, "a weights file"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_gaps(folder: Path) -> dict[str, Any]:
    try:
        return read_document(folder / GAPS)
    except FileNotFoundError:
        return {}


def mark_learned(dataset: Dataset, rows: np.ndarray, learned: Learned) -> tuple[np.ndarray, np.ndarray]:
    """(exact, near), (n,) bool each: the selected faces that the network was trained on, and those with near copies.

    A face is a near copy of a learned one if both are in one set of copies of this data set or, where the learned face
    is not in the data set, if their hashes differ in at most MAX_BITS bits, mirrored or not.

    Args:
        dataset: any data set, even one assembled after the training.
        rows: (n,) row numbers of its faces.
        learned: the faces that the network was trained on.
    """
    digests, table = to_numbers(dataset.digests), dataset.table
    known = np.isin(digests, learned.faces[:, 0])
    exact, near = known[rows], known[rows]
    elsewhere = learned.faces[:, 1]
    if "copy_group" in table and dataset.info.copies.near:
        groups = pd.factorize(table["copy_group"])[0]
        near = np.isin(groups[rows], groups[known])
        elsewhere = elsewhere[~np.isin(learned.faces[:, 0], digests)]
    left = np.flatnonzero(~near)
    if len(elsewhere) and len(left):
        hashes = hash_faces(dataset.faces, rows[left])
        near[left] = find_close(hashes, elsewhere) | find_close(mirror_hashes(hashes), elsewhere)
    return exact, near


def find_close(hashes: np.ndarray, others: np.ndarray, max_bits: int = MAX_BITS) -> np.ndarray:
    """(n,) bool: the hashes that differ from one of `others` in at most `max_bits` bits. The search is exhaustive.

    Two such hashes agree in at least one of `max_bits + 1` parts: only hashes with an equal part are compared.

    Args:
        hashes: (n,) uint64.
        others: (m,) uint64.
        max_bits: 0 to 15.
    """
    others = np.unique(others)
    close = np.isin(hashes, others)
    edges = np.linspace(0, 64, max_bits + 2).astype(int)
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        shift, mask = np.uint64(low), np.uint64((1 << (high - low)) - 1)
        part = others >> shift & mask
        order = np.argsort(part, kind="stable")
        left = np.flatnonzero(~close)
        wanted = hashes[left] >> shift & mask
        first = np.searchsorted(part[order], wanted, "left")
        n = np.searchsorted(part[order], wanted, "right") - first
        for some in _in_shares(n):
            mine, at = np.repeat(left[some], n[some]), np.repeat(first[some], n[some])
            at += np.arange(len(at)) - np.repeat(np.cumsum(n[some]) - n[some], n[some])
            fits = np.bitwise_count(hashes[mine] ^ others[order[at]]) <= max_bits
            close[mine[fits]] = True
    return close


def _in_shares(n: np.ndarray) -> list[slice]:
    """Slices of the counts that each come to about _PAIRS, one count at least."""
    if not len(n):
        return []
    ends = np.flatnonzero(np.diff(np.cumsum(n) // _PAIRS, append=-1)) + 1
    return [slice(int(a), int(b)) for a, b in zip([0, *ends[:-1]], ends, strict=True)]


def to_numbers(digests: np.ndarray) -> np.ndarray:
    """(n,) texts of 16 hexadecimal digits -> (n,) uint64."""
    return np.frombuffer(bytes.fromhex("".join(digests.tolist())), ">u8").astype(np.uint64)
