"""Which faces a network learned, kept with its weights, so that no later score counts them as new.

`learned.npy` is (n, 2) uint64, in ascending order: the first 8 bytes of a face's sha256, and its perceptual hash
(`fer_core.datasets.checks.near_copies`), by which near copies are told without the old pixels. `learned.json` says
whose faces are not among them, and which weights files (by their sha256) they belong to. No torch here.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer_core.base.files import UnreadableError, read_array, read_document, write_atomic, write_json
from fer_core.datasets.checks.near_copies import hash_faces, mirror_hashes
from fer_core.datasets.dataset import Dataset

FACES, GAPS = "learned.npy", "learned.json"
WEIGHTS = "weights"  # in learned.json: {file name: sha256} of the weights that the list is about

MAX_BITS = 6
"""Bits in which the hash of a near copy of a learned face may differ; chosen in `docs/experiments.md`."""

_PAIRS = 1 << 22  # compared at a time: 64 MB


@dataclass(frozen=True)
class Learned:
    """The faces that a network was trained on, and those that it took over from the networks it comes from.

    Attributes:
        faces: (n, 2) uint64 digest and hash of each, ascending, each digest once.
        missing: why the list is not whole, a phrase each: then nothing can be said about copies.
        outside: first weights that came from a file of unknown training, such as "file:vgg.pt".
    """

    faces: np.ndarray
    missing: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """False where faces are missing from the list."""
        return not self.missing

    @property
    def note(self) -> str | None:
        """One sentence on what is not known; None where all is."""
        if self.missing:
            return f"The faces that this network was trained on are not known: {'; '.join(self.missing)}."
        if self.outside:
            return (
                f"The faces that the initial weights ({', '.join(self.outside)}) were trained on are not known "
                "and not counted as copies."
            )
        return None


def nothing_learned(missing: tuple[str, ...] = (), outside: tuple[str, ...] = ()) -> Learned:
    """No face."""
    return Learned(np.empty((0, 2), np.uint64), missing, outside)


def list_training(dataset: Dataset) -> Learned:
    """The training faces of a data set, as it is split."""
    return list_faces(dataset, dataset.rows("train"))


def list_faces(dataset: Dataset, rows: np.ndarray) -> Learned:
    """The faces of a data set in (n,) rows of it."""
    pairs = np.column_stack([to_numbers(dataset.digests[rows]), hash_faces(dataset.faces, rows)])
    return join_learned([nothing_learned(), Learned(pairs)])


def join_learned(parts: list[Learned]) -> Learned:
    """The faces of all parts, each once, and all that is not known of them."""
    faces = np.concatenate([part.faces for part in parts])
    faces = faces[np.unique(faces[:, 0], return_index=True)[1]]
    missing, outside = (
        tuple(dict.fromkeys(gap for part in parts for gap in getattr(part, name))) for name in ("missing", "outside")
    )
    return Learned(faces, missing, outside)


def write_learned(folder: Path, learned: Learned) -> None:
    """Writes learned.npy (16 bytes a face) and learned.json into a run's folder; what note_weights wrote stays."""
    buffer = io.BytesIO()
    np.save(buffer, learned.faces)
    gaps = {"n": len(learned.faces), "missing": learned.missing, "outside": learned.outside}
    write_json(folder / GAPS, {**_read_gaps(folder), **gaps})
    write_atomic(folder / FACES, lambda temporary: temporary.write_bytes(buffer.getvalue()))


def read_learned(folder: Path) -> Learned | None:
    """What write_learned wrote; None where it wrote nothing.

    Raises:
        InputError: when the file is damaged.
    """
    path = folder / FACES
    try:
        faces = read_array(path)
    except FileNotFoundError:
        return None
    if faces.ndim != 2 or faces.shape[1] != 2 or faces.dtype != np.uint64:
        raise UnreadableError(path, "it is no list of faces", "Delete it; it is made again from the data set.")
    gaps = _read_gaps(folder)
    return Learned(faces, tuple(gaps.get("missing", ())), tuple(gaps.get("outside", ())))


def note_weights(folder: Path, weights: Path) -> None:
    """Keeps in learned.json which file the list is about: the digest of `weights`, in the place of the one before."""
    gaps = _read_gaps(folder)
    write_json(folder / GAPS, {**gaps, WEIGHTS: {**gaps.get(WEIGHTS, {}), weights.name: _digest_file(weights)}})


def is_about(folder: Path, weights: Path) -> bool | None:
    """Whether the folder's list is about these weights, whatever their name; None where it does not say (an older one).

    Raises:
        InputError: when the list is damaged.
    """
    kept = _read_gaps(folder).get(WEIGHTS)
    return None if kept is None else _digest_file(weights) in kept.values()


def _digest_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_gaps(folder: Path) -> dict[str, Any]:
    try:
        return read_document(folder / GAPS)
    except FileNotFoundError:
        return {}


def mark_learned(dataset: Dataset, rows: np.ndarray, learned: Learned) -> tuple[np.ndarray, np.ndarray]:
    """(exact, near), (n,) bool each: the chosen faces that the network learned, and those and their near copies.

    A face is near a learned one when they are in one set of copies of this data set, or, where the learned face is not
    in it to be compared by its pixels, when their hashes differ in at most MAX_BITS bits, mirrored or not.

    Args:
        dataset: any, also one that was assembled after the training.
        rows: (n,) of its faces.
        learned: of the network.
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
    """(n,) bool: the hashes that differ from one of `others` in at most `max_bits` bits. All such are found.

    Of hashes so close one of `max_bits + 1` parts is equal: only those with an equal part are compared.

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
