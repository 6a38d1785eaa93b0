"""Finds candidates for turned copies with sorted tables: views of faces whose hashes resemble those of other faces.

Like the tables of `fer_core.datasets.checks.near_copies`, each is sorted by some bits of the hashes: three tables
for each of seven shuffled orders of the bits. Memory is bounded: views are looked up in parts.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from fer_core.base.devices import n_cores
from fer_core.datasets.checks.turned.views import ODD

_MAX_DISTANCE = 7  # bits that may differ
_MIN_KEY_BITS, _MAX_KEY_BITS, _N_KEYS = 12, 21, 3
N_SHUFFLES = 7
_MAX_IN_BUCKET = 12  # a fuller one is passed over: what keeps the time linear where a whole data set is alike
_PART = 1 << 14  # faces whose views are looked up at once
_FACE_BITS = 26  # a candidate in one number: both faces, the distance (3), the view (6), mirrored, the first is viewed
MAX_HASHED = 1 << _FACE_BITS


class _Table(NamedTuple):
    """Plain hashes and, from n on, those of mirror images, by the bits of one key."""

    order: np.ndarray  # (2n,) int32 by key
    starts: np.ndarray  # (2^bits,) int32, where in the order each key begins
    held: np.ndarray  # (2^bits,) uint8, how many have it; 0 where too many


def look_up(hashes: np.ndarray, progress: Callable[[int, int], None] = lambda done, total: None) -> np.ndarray:
    """(C, 4) int64: a face, the face with a view of a similar hash, the view, and 1 if the first is mirrored.

    Each pair occurs once, in order, with the view and mirroring whose hashes differ least.

    Args:
        hashes: (n, V) uint64 of `hash_views`, n up to MAX_HASHED.
        progress: called with shuffles done and shuffles in total.
    """
    n = len(hashes)
    key_bits = int(np.clip(np.ceil(np.log2(n)) + 4, _MIN_KEY_BITS, _MAX_KEY_BITS))
    shuffles = [np.random.default_rng(seed).permutation(64)[: key_bits * _N_KEYS] for seed in range(N_SHUFFLES)]
    best = np.empty(0, np.uint64)
    with ThreadPoolExecutor(n_cores()) as pool:
        for done, found in enumerate(pool.map(lambda places: _look_up_shuffled(hashes, places), shuffles)):
            best = _keep_first(np.concatenate([best, found]))
            progress(done + 1, len(shuffles))
    return _unpack(best)


def _look_up_shuffled(hashes: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The packed candidates found with one order of the bits, each pair once."""
    n, n_views = len(hashes), hashes.shape[1] - 1
    base = np.concatenate([hashes[:, 0], hashes[:, 0] ^ ODD])
    tables = [_make_table(keys, len(places) // _N_KEYS) for keys in _split_keys(base, places)]
    best = np.empty(0, np.uint64)
    for start in range(0, n, _PART):
        probes = hashes[start : start + _PART, 1:].ravel()
        found = [best]
        for table, keys in zip(tables, _split_keys(probes, places), strict=True):
            item, probe = _match(table, keys)
            distance = np.bitwise_count(base[item] ^ probes[probe])
            near = np.flatnonzero(distance <= _MAX_DISTANCE)
            viewed, view = np.divmod(probe[near], n_views)
            found.append(_pack(item[near], start + viewed, view + 1, distance[near], n))
        best = _keep_first(np.concatenate(found))
    return best


def _split_keys(values: np.ndarray, places: np.ndarray) -> Iterator[np.ndarray]:
    """Yields the _N_KEYS keys of the hashes, (n,) int32 each, in an order of the bits."""
    bits, key_bits = _take_bits(values, places), len(places) // _N_KEYS
    for part in range(_N_KEYS):
        yield (bits >> np.uint64(part * key_bits) & np.uint64(2**key_bits - 1)).astype(np.int32)


def _make_table(keys: np.ndarray, key_bits: int) -> _Table:
    order = np.argsort(keys, kind="stable").astype(np.int32)
    held = np.bincount(keys, minlength=2**key_bits)
    starts = (np.cumsum(held) - held).astype(np.int32)
    return _Table(order, starts, np.where(held <= _MAX_IN_BUCKET, held, 0).astype(np.uint8))


def _match(table: _Table, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(M,) int32 items of the table, and (M,) int32 positions of the keys that are equal to theirs."""
    held = table.held[keys]
    probe = np.flatnonzero(held).astype(np.int32)
    held = held[probe].astype(np.int32)
    first = table.starts[keys[probe]] - (np.cumsum(held, dtype=np.int32) - held)
    at = np.repeat(first, held)
    at += np.arange(len(at), dtype=np.int32)
    return table.order[at], np.repeat(probe, held)


def _pack(item: np.ndarray, viewed: np.ndarray, view: np.ndarray, distance: np.ndarray, n: int) -> np.ndarray:
    """Candidates as uint64: sorted, the best of each pair comes first."""
    mirrored = item >= n
    face = np.where(mirrored, item - n, item)
    code = np.minimum(face, viewed).astype(np.uint64)
    for value, bits in ((np.maximum(face, viewed), _FACE_BITS), (distance, 3), (mirrored, 1), (view, 6)):
        code = code << np.uint64(bits) | value.astype(np.uint64)
    return (code << np.uint64(1) | (face > viewed).astype(np.uint64))[face != viewed]


def _unpack(code: np.ndarray) -> np.ndarray:
    swapped, view, mirrored, _, high, low = (
        (code >> np.uint64(first) & np.uint64(2**bits - 1)).astype(np.int64)
        for first, bits in ((0, 1), (1, 6), (7, 1), (8, 3), (11, _FACE_BITS), (11 + _FACE_BITS, _FACE_BITS))
    )
    return np.column_stack([np.where(swapped, high, low), np.where(swapped, low, high), view, mirrored])


def _keep_first(code: np.ndarray) -> np.ndarray:
    """The smallest of each pair, sorted."""
    code = np.sort(code)
    pair = code >> np.uint64(11)
    is_first = np.ones(len(code), bool)
    is_first[1:] = pair[1:] != pair[:-1]
    return code[is_first]


def _take_bits(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(n,) uint64 whose lowest bits are the chosen ones, looked up a byte at a time."""
    octets = np.ascontiguousarray(values.astype("<u8").view(np.uint8).reshape(-1, 8).T)
    taken = np.zeros(len(values), np.uint64)
    for i, octet in enumerate(octets):
        table = np.zeros(256, np.uint64)
        for new in np.flatnonzero(places // 8 == i):
            table |= (np.arange(256, dtype=np.uint64) >> np.uint64(places[new] % 8) & np.uint64(1)) << np.uint64(new)
        taken |= table[octet]
    return taken
