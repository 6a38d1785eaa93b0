"""Near copies: the same picture mirrored, re-encoded, rescaled, with different lighting or with a watermark.

`fer_core.datasets.checks.turned.search` finds copies that are also turned, shifted or cropped; this module finds
upright ones.

A 64-bit hash of each face finds the candidates in sorted tables, and their pixels decide. All arithmetic up to the
hash and the correlation is on whole numbers, so that the same faces give the same pairs on any machine.

Source: the hash is that of "pHash" (Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010)
with three differences: the cosine transform is taken of the whole face, not of a 32 x 32 average, whose low
frequencies are the same; a bit is a coefficient's sign, which no change of contrast moves; and mirroring a face
negates the odd columns' coefficients, so that a mirror image's hash is the hash with those bits flipped. The tables
are those of Manku et al., Detecting Near-Duplicates for Web Crawling, 2007, each sorted by 20 bits of the hash: three
tables for each of 28 orders in which its bits were shuffled.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from fer_core.base.devices import n_cores
from fer_core.datasets.checks.turned.search import find_turned_pairs, is_searched
from fer_core.datasets.face_file import give_back_pages, map_chunks

MAX_DISTANCE = 12
"""Bits that may differ.

Of hashes 7 bits apart 99.8 % meet in one of the 84 tables at least, 9 bits apart 89 %, 12 bits apart 42 %. Most near
copies are at most 9 bits apart: `fer bench recall` compares all faces, and tells how many of them are found.
"""

MIN_CORRELATION = 0.92
"""Of the pixels, 1 for equal faces up to brightness and contrast.

Chosen by looking at the pairs from FER2013, CK+ (apart from its own frames) and 10,821 AffectNet-shaped photographs.
Of 100 pairs from 0.92 to 0.94 one or two showed two pictures, of 100 from 0.90 to 0.92 five, of 60 from 0.85 to 0.90
about six; of 19 mirrored pairs above 0.92 two did, smooth faces under one light. Of all pairs above 0.92 that is about
one in 200. The lowest true ones carry a watermark, are shifted by a pixel, or have another contrast.
"""

_N_BITS, _KEY_BITS, _N_KEYS, _N_SHUFFLES = 64, 20, 3, 28
_POSITION = np.uint64((1 << (_N_BITS - _KEY_BITS)) - 1)  # what a key has left beside its bits of the hash
_PLACES = [np.random.default_rng(seed).permutation(_N_BITS) for seed in range(_N_SHUFFLES)]
_ROWS, _COLUMNS = np.array(
    sorted(((u, v) for u in range(11) for v in range(11) if 0 < u + v < 11), key=lambda place: (sum(place), place[0]))[
        :_N_BITS
    ]
).T  # the lowest frequencies but the mean
_ODD = _COLUMNS % 2 == 1
_MAX_NEIGHBOURS = 32  # of a face in one table: what keeps the time linear where a whole data set is alike
_PAIRS = 512


class NearPairs(NamedTuple):
    """Pairs of near copies.

    Attributes:
        pairs: (P, 2) int64 positions, the smaller one first.
        correlation: (P,) float64 of their pixels, at least MIN_CORRELATION, plain or mirrored, whichever is higher.
    """

    pairs: np.ndarray
    correlation: np.ndarray


def find_near_pairs(faces: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(P, 2) int64 positions in `rows` of near copies, the smaller position first."""
    return match_near(faces, rows).pairs


def match_near(
    faces: np.ndarray,
    rows: np.ndarray,
    turned: bool | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> NearPairs:
    """The pairs of near copies among the selected faces, by their positions in `rows`.

    Time grows with the number of faces, not of pairs. In a large set of similar faces, not
    every pair is found, but all are connected by chains of pairs.

    Args:
        faces: (N, H, W) uint8, may be memory-mapped.
        rows: (n,) the faces to compare: one of each set of equal ones.
        turned: whether to search for turned, shifted and cropped copies; None for the rule of `is_searched`.
        progress: of that search, called with steps done and steps in total.
    """
    pairs, mirrored = find_candidates(hash_faces(faces, rows))
    correlation = np.empty(len(pairs))
    for start in range(0, len(pairs), _PAIRS):
        part = slice(start, start + _PAIRS)
        first, second = faces[rows[pairs[part, 0]]], faces[rows[pairs[part, 1]]]
        second = np.where(mirrored[part, None, None], second[:, :, ::-1], second)
        correlation[part] = correlate(first, second)
        give_back_pages(faces)
    near = correlation >= MIN_CORRELATION
    pairs, correlation = pairs[near], correlation[near]
    if is_searched(len(rows), turned):
        found = zip((pairs, correlation), find_turned_pairs(faces, rows, pairs, progress), strict=True)
        pairs, correlation = (np.concatenate(both) for both in found)
    return _keep_best(pairs, correlation)


def _keep_best(pairs: np.ndarray, correlation: np.ndarray) -> NearPairs:
    """Each pair once, in order, with its higher correlation."""
    order = np.lexsort((-correlation, pairs[:, 1], pairs[:, 0]))
    pairs, correlation = pairs[order], correlation[order]
    is_first = np.ones(len(pairs), bool)
    is_first[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    return NearPairs(pairs[is_first], correlation[is_first])


def hash_faces(faces: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(n,) uint64 hashes of the selected faces, independent of brightness and contrast."""
    return map_chunks(lambda chunk: _pack(_transform(chunk) > 0), faces, rows)


def mirror_hashes(hashes: np.ndarray) -> np.ndarray:
    """The hashes of the mirror images."""
    return hashes ^ _pack(_ODD[None])


def find_candidates(hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The (P, 2) pairs of hashes within MAX_DISTANCE, and (P,) bool: whether the second face must be mirrored."""
    n = len(hashes)
    value = np.concatenate([hashes, mirror_hashes(hashes)])
    item = np.argsort(value, kind="stable")  # n and above: mirror images
    value = value[item]  # sorted, so that neighbours in a table are alike in the other bits too

    def look_up(places: np.ndarray) -> np.ndarray:
        shuffled = _shuffle_bits(value, places)
        found = [np.empty(0, np.int64)]
        for part in range(_N_KEYS):
            for i, j in _find_neighbours(shuffled << np.uint64(part * _KEY_BITS)):
                fits = np.bitwise_count(value[i] ^ value[j]) <= MAX_DISTANCE
                a, b = item[i[fits]], item[j[fits]]
                fits = ((a < n) | (b < n)) & (a % n != b % n)
                a, b = a[fits], b[fits]
                low, high = np.minimum(a % n, b % n), np.maximum(a % n, b % n)
                found.append((low * n + high) * 2 + ((a < n) != (b < n)))
        return np.concatenate(found)

    pairs = np.empty(0, np.int64)
    with ThreadPoolExecutor(n_cores()) as pool:
        for found in pool.map(look_up, _PLACES):
            pairs = np.union1d(pairs, found)
    return np.column_stack(np.divmod(pairs // 2, max(n, 1))), pairs % 2 == 1


def correlate(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(P,) float64 correlation of two (P, H, W) uint8 arrays, face by face, -1 to 1; 0 if one is constant."""
    a, b = (faces.reshape(len(faces), -1).astype(np.int32) for faces in (first, second))
    n = a.shape[1]
    sum_a, sum_b = a.sum(1, dtype=np.int64), b.sum(1, dtype=np.int64)

    def dot(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.einsum("ij,ij->i", x, y).astype(np.int64)

    spread = (n * dot(a, a) - sum_a**2).astype(float) * (n * dot(b, b) - sum_b**2)
    return (n * dot(a, b) - sum_a * sum_b) / np.sqrt(np.maximum(spread, 1))


def _transform(faces: np.ndarray) -> np.ndarray:
    """(n, S, S) uint8 -> (n, 64) float64 cosine coefficients on a basis of whole numbers, hence exact."""
    side = faces.shape[1]
    places = np.pi * (np.arange(side) + 0.5) / side
    basis = np.rint(127 * np.cos(np.arange(11)[:, None] * places))  # (11, S)
    columns = basis.astype(np.float32) @ faces.astype(np.float32)  # below 2^24 up to 518 px
    return (columns.astype(np.float64) @ basis.T)[:, _ROWS, _COLUMNS]


def _pack(bits: np.ndarray) -> np.ndarray:
    """(n, 64) bool -> (n,) uint64."""
    return np.packbits(np.ascontiguousarray(bits), axis=1).view(">u8").ravel().astype(np.uint64)


def _shuffle_bits(value: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(n,) uint64 whose bit `places[i]` is bit i of the value, (64,) int64 places; looked up a byte at a time."""
    octets = value.astype("<u8").view(np.uint8).reshape(-1, 8)
    shuffled = np.zeros(len(value), np.uint64)
    for octet, eight in zip(octets.T, places.reshape(8, 8).astype(np.uint64), strict=True):
        bits = np.arange(256, dtype=np.uint64)[:, None] >> np.arange(8, dtype=np.uint64) & np.uint64(1)
        shuffled |= (bits << eight).sum(1, dtype=np.uint64)[octet]
    return shuffled


def _find_neighbours(value: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields pairs of positions whose first _KEY_BITS bits are equal: each with the next one, then with the one after.

    This continues up to _MAX_NEIGHBOURS; all pairs at once may not fit in memory.
    """
    n = len(value)
    # The position is a part of the key, so that there is one order only, and no index to sort along.
    key = (value & ~_POSITION) | np.arange(n, dtype=np.uint64)
    key.sort()
    order = (key & _POSITION).astype(np.int64)
    key &= ~_POSITION
    at = np.arange(n)
    for step in range(1, _MAX_NEIGHBOURS + 1):
        at = at[at + step < n]
        at = at[key[at] == key[at + step]]
        if not len(at):
            return
        yield order[at], order[at + step]
