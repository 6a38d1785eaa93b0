"""Near copies that were turned, shifted or cropped: what augmenting before splitting leaves in a data set.

The middle of each face, a soft disc, has a 64-bit hash of its own. Each face is also hashed as it would look turned,
shifted or cropped, one view for each step of a grid, and those hashes are looked up among the plain ones and their
mirror images. What agrees is compared on 16 x 16 pixels; what still agrees is aligned (cv2.findTransformECC), and the
correlation of the common area decides.

Hashes and their look-up are whole-number arithmetic, the same on any machine. The comparison and the alignment are
floating-point arithmetic, so a pair right at a threshold may be found on one machine and not on another.

Source: Evangelidis and Psarakis, Parametric Image Alignment Using Enhanced Correlation Coefficient Maximization, 2008.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np

from fer_core.data.face_file import give_back_pages, map_chunks
from fer_core.devices import n_cores

MAX_FACES = 60_000
"""More are not searched: the search takes some five times as long as that for upright copies."""

MIN_CORRELATION = 0.95
"""Of the common area after alignment, which has more freedom than the comparison of upright faces (0.92).

Chosen by looking at pairs from FER2013 and the AffectNet-shaped sample that the upright search does not find: of 48
from 0.95 to 0.96 one or two showed two pictures, of 48 above 0.96 none.
"""

_SIDE = 16  # px, of the faces that are hashed
_RADIUS = 0.42  # of the disc, in sides of the face
_MAX_DISTANCE, _MIN_COARSE, _MIN_FITTED = 7, 0.85, 0.93
_MAX_KEY_BITS, _N_KEYS, _N_SHUFFLES, _MAX_IN_BUCKET, _MAX_ALIGNED = 20, 3, 7, 24, 3
_LARGEST_TURN, _LARGEST_SCALE, _LARGEST_SHIFT = 20.0, 1.2, 0.16  # degrees, ratio, sides: beyond, it is no such copy
_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-4)
_MIN_AREA = 0.5  # of the disc that both show
_BASIS = sorted(((u, v) for u in range(11) for v in range(11) if 0 < u + v < 11), key=lambda at: (sum(at), at[0]))[:64]
_ODD = np.packbits(np.array([v % 2 == 1 for _, v in _BASIS])).view(">u8").astype(np.uint64)[0]


class View(NamedTuple):
    """How a face is looked at: turned (degrees), enlarged (ratio) and shifted (sides, right and down)."""

    turn: float
    scale: float
    right: float
    down: float


def _list_views() -> list[View]:
    """The upright view, then the steps of the grid; its mirror image is the grid itself."""
    shifts, crops = (-0.09, -0.045, 0.0, 0.045, 0.09), (-0.033, 0.0, 0.033)
    views = [View(0, 1, 0, 0)]
    views += [View(turn, 1, 0, 0) for turn in (-14, -9.5, -5, 5, 9.5, 14)]
    views += [View(0, 1, x, y) for x in shifts for y in shifts if x or y]
    views += [View(0, 1.1, x, y) for x in crops for y in crops]
    return [*views, *(View(0, 1.05, x, y) for x in (-0.0125, 0.0125) for y in (-0.0125, 0.0125))]


VIEWS = _list_views()


def find_turned_pairs(faces: np.ndarray, rows: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(P, 2) int64 positions in `rows` of turned, shifted or cropped copies, the smaller one first, and (P,) float64.

    The second is the correlation of what both show. None is looked for among more than MAX_FACES, and of the faces that
    are like one face the three likest are aligned: in a set that is all alike, copies of copies join the others.

    Args:
        faces: (N, H, W) uint8, may be memory-mapped; the side a multiple of 16 px.
        rows: (n,) which of them to look at.
        known: (K, 2) pairs of positions, the smaller one first, that need not be looked at.
    """
    if not 1 < len(rows) <= MAX_FACES or faces.shape[1] % _SIDE:
        return np.empty((0, 2), np.int64), np.empty(0)
    small = map_chunks(shrink, faces, rows).reshape(len(rows), -1)
    candidates = look_up(hash_views(small))
    code = np.sort(candidates[:, :2], axis=1) @ [len(rows), 1]
    found = _compare(small, candidates[~np.isin(code, known @ [len(rows), 1])])
    with ThreadPoolExecutor(n_cores()) as pool:
        parts = np.array_split(found, max(1, len(found) // 64))
        correlation = np.concatenate([*pool.map(lambda part: _align(faces, rows, part), parts), np.empty(0)])
    give_back_pages(faces)
    near = correlation >= MIN_CORRELATION
    return np.sort(found[near, :2], axis=1), correlation[near]


def shrink(faces: np.ndarray) -> np.ndarray:
    """(n, S, S) uint8 -> (n, 16, 16) float32 whole numbers 0 to 255, the means of blocks."""
    block = faces.shape[1] // _SIDE
    sums = faces.reshape(len(faces), _SIDE, block, _SIDE, block).sum(axis=(2, 4), dtype=np.int32)
    return (sums // block**2).astype(np.float32)


def hash_views(small: np.ndarray) -> np.ndarray:
    """(n, V) uint64 hashes of the faces' middles in each of VIEWS, the upright one first.

    Args:
        small: (n, 256) float32 of `shrink`.
    """
    maps = np.concatenate([_make_map(view) for view in VIEWS]).T
    hashes = np.empty((len(small), len(VIEWS)), np.uint64)
    for start in range(0, len(small), 1024):
        bits = small[start : start + 1024] @ maps > 0  # whole numbers below 2^24: exact
        hashes[start : start + 1024] = np.packbits(bits, axis=1).view(">u8")
    return hashes


def look_up(hashes: np.ndarray) -> np.ndarray:
    """(C, 4) int64: a face, the face whose view has a hash like its own, the view, and 1 where the first is mirrored.

    Each pair stands once, with the view and the way round whose hashes differ least.

    Args:
        hashes: (n, V) of `hash_views`.
    """
    n, n_views = hashes.shape
    base = np.concatenate([hashes[:, 0], hashes[:, 0] ^ _ODD])
    probes = hashes[:, 1:].ravel()
    key_bits = int(np.clip(np.ceil(np.log2(n)) + 4, 12, _MAX_KEY_BITS))
    masks = [np.random.default_rng(seed).permutation(64)[: key_bits * _N_KEYS] for seed in range(_N_SHUFFLES)]

    def find(places: np.ndarray) -> np.ndarray:
        of_base, of_probes = _take_bits(base, places), _take_bits(probes, places)
        return np.concatenate([find_key(of_base, of_probes, np.uint64(part * key_bits)) for part in range(_N_KEYS)])

    def find_key(of_base: np.ndarray, of_probes: np.ndarray, shift: np.uint64) -> np.ndarray:
        keys, wanted = ((bits >> shift & np.uint64(2**key_bits - 1)).astype(np.int64) for bits in (of_base, of_probes))
        order = np.argsort(keys, kind="stable")
        held = np.bincount(keys, minlength=2**key_bits)
        starts, counts = np.cumsum(held) - held, held[wanted]
        probe = np.flatnonzero((counts > 0) & (counts <= _MAX_IN_BUCKET))
        counts = counts[probe]
        at = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        item = order[np.repeat(starts[wanted[probe]], counts) + at]
        probe = np.repeat(probe, counts)
        distance = np.bitwise_count(base[item] ^ probes[probe])
        fits = (distance <= _MAX_DISTANCE) & (item % n != probe // (n_views - 1))
        return np.column_stack([distance[fits], item[fits], probe[fits]]).astype(np.int64)

    with ThreadPoolExecutor(n_cores()) as pool:
        distance, item, probe = np.concatenate(list(pool.map(find, masks))).T
    face, viewed = item % n, probe // (n_views - 1)
    low, high = np.minimum(face, viewed), np.maximum(face, viewed)
    order = np.lexsort((probe, item, distance, high, low))
    is_first = np.ones(len(order), bool)
    is_first[1:] = (low[order][1:] != low[order][:-1]) | (high[order][1:] != high[order][:-1])
    best = order[is_first]
    return np.column_stack([face, viewed, probe % (n_views - 1) + 1, item >= n])[best].astype(np.int64)


def _compare(small: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Those of the candidates whose discs are alike on 16 x 16 pixels, as the view has them and a little beyond."""
    weight = _make_window().ravel()
    fitted = np.zeros(len(candidates))
    for view, as_seen in enumerate(VIEWS):
        which = np.flatnonzero(candidates[:, 2] == view)
        for part in np.array_split(which, max(1, len(which) // 4096)):
            first = small[candidates[part, 0]].reshape(-1, _SIDE, _SIDE)
            first = np.where(candidates[part, 3, None, None] == 1, first[:, :, ::-1], first).reshape(
                len(part), _SIDE**2
            )
            second = small[candidates[part, 1]] @ _make_warp(as_seen).T
            like = np.flatnonzero(_correlate(first, second, weight) >= _MIN_COARSE)
            fitted[part[like]] = _fit(first[like], second[like], weight)
    order = np.lexsort((candidates[:, 1], -fitted, candidates[:, 0]))
    face = candidates[order, 0]
    rank = np.arange(len(face)) - np.searchsorted(face, face)
    return candidates[np.sort(order[(fitted[order] >= _MIN_FITTED) & (rank < _MAX_ALIGNED)])]


def _correlate(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(P,) correlation of (P, 256) pixels under weights that sum to 1."""
    a, b = (x - (x @ weight)[:, None] for x in (first.astype(float), second.astype(float)))
    spread = (a * a) @ weight * ((b * b) @ weight)
    return (a * b) @ weight / np.sqrt(np.maximum(spread, 1e-9))


def _fit(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(P,) as `_correlate`, once the second was turned, shifted and stretched a little so as to fit the first.

    The little is taken as linear: the first is fitted by the second and its derivatives, by least squares.
    """
    n = len(first)
    down, right = np.gradient(second.reshape(n, _SIDE, _SIDE).astype(float), axis=(1, 2))
    across = np.arange(_SIDE) - (_SIDE - 1) / 2
    parts = [second.reshape(n, _SIDE, _SIDE), *(d * by for d in (down, right) for by in (1, across, across[:, None]))]
    causes = np.stack([part.reshape(n, _SIDE**2) for part in parts], axis=2)  # (P, 256, 7)
    causes -= np.einsum("pkc,k->pc", causes, weight)[:, None]
    target = first - (first @ weight)[:, None]
    weighted = causes * weight[:, None]
    normal = np.einsum("pki,pkj->pij", weighted, causes) + 1e-3 * np.eye(len(parts))
    moment = np.einsum("pki,pk->pi", weighted, target)
    explained = (np.linalg.solve(normal, moment[:, :, None])[:, :, 0] * moment).sum(1)
    return np.sqrt(np.clip(explained / np.maximum((target**2) @ weight, 1e-9), 0, 1))


def _align(faces: np.ndarray, rows: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """(C,) correlation of each pair's common area once aligned; -1 where it does not align."""
    result = np.empty(len(candidates))
    for i, (face, viewed, view, mirrored) in enumerate(candidates.tolist()):
        first = faces[rows[face]]
        first = np.ascontiguousarray(first[:, ::-1] if mirrored else first)
        result[i] = align_pair(first, np.ascontiguousarray(faces[rows[viewed]]), VIEWS[view])
    return result


def align_pair(first: np.ndarray, second: np.ndarray, view: View) -> float:
    """The correlation of what two faces show in common when the second is aligned to the first; -1 where it is not.

    Args:
        first: (S, S) uint8.
        second: likewise.
        view: under which the second is roughly the first.
    """
    side = len(first)
    rough, everywhere = _place(view, side).astype(np.float32), np.full_like(second, 255)
    try:
        _, found = cv2.findTransformECC(first, second, rough, cv2.MOTION_AFFINE, _STOP, everywhere, 5)
    except cv2.error as error:
        if error.code != cv2.Error.StsNoConv:
            raise
        return -1.0  # it does not converge
    (a, b, _), (c, d, _) = found
    middle = found @ np.array([(side - 1) / 2, (side - 1) / 2, 1]) - (side - 1) / 2
    scale = np.sqrt(abs(a * d - b * c))
    turn = np.degrees(np.arctan2(c - b, a + d))
    skew = np.abs(np.array([[a, b], [c, d]]) / max(scale, 1e-6) - _turn(turn)).max()
    limits = (abs(turn), _LARGEST_TURN), (abs(np.log(max(scale, 1e-6))), np.log(_LARGEST_SCALE)), (skew, 0.06)
    if any(value > limit for value, limit in limits) or np.abs(middle).max() > _LARGEST_SHIFT * side:
        return -1.0
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(second, found, (side, side), flags=flags)
    inside = cv2.warpAffine(everywhere, found, (side, side), flags=flags) == 255
    across = (np.arange(side) + 0.5) / side - 0.5
    disc = across**2 + across[:, None] ** 2 < 0.47**2
    both = inside & disc
    if both.sum() < _MIN_AREA * disc.sum():
        return -1.0
    x, y = (picture[both].astype(float) for picture in (first, warped))
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / np.sqrt(max((x @ x) * (y @ y), 1e-9)))


def _turn(degrees: float) -> np.ndarray:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, -sin], [sin, cos]])


def _place(view: View, side: int) -> np.ndarray:
    """(2, 3): from a pixel (x, y) of the view to that of the face."""
    linear = _turn(view.turn) / view.scale
    middle = np.full(2, (side - 1) / 2)
    return np.column_stack([linear, middle - linear @ middle + np.array([view.right, view.down]) * side])


def _take_bits(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(n,) uint64 whose lowest bits are the chosen ones, looked up a byte at a time."""
    octets = values.astype("<u8").view(np.uint8).reshape(-1, 8)
    taken = np.zeros(len(values), np.uint64)
    for i, octet in enumerate(octets.T):
        table = np.zeros(256, np.uint64)
        for new in np.flatnonzero(places // 8 == i):
            table |= (np.arange(256, dtype=np.uint64) >> np.uint64(places[new] % 8) & np.uint64(1)) << np.uint64(new)
        taken |= table[octet]
    return taken


@cache
def _make_window() -> np.ndarray:
    """(16, 16) float64 weights that sum to 1: a disc that fades out."""
    across = (np.arange(_SIDE) + 0.5) / _SIDE - 0.5
    distance = np.sqrt(across**2 + across[:, None] ** 2)
    window = np.clip((_RADIUS - distance) / 0.1 + 0.5, 0, 1)
    return window / window.sum()


@cache
def _make_warp(view: View) -> np.ndarray:
    """(256, 256) float32: from a small face to the view of it, between pixels by both neighbours."""
    warp = np.zeros((_SIDE, _SIDE, _SIDE, _SIDE))
    matrix = _place(view, _SIDE)
    for y in range(_SIDE):
        for x in range(_SIDE):
            at = np.clip(matrix @ [x, y, 1], 0, _SIDE - 1)
            left, top = np.minimum(at.astype(int), _SIDE - 2)
            right, down = at - (left, top)
            warp[y, x, top : top + 2, left : left + 2] = np.outer([1 - down, down], [1 - right, right])
    return warp.reshape(_SIDE**2, _SIDE**2).astype(np.float32)


@cache
def _make_map(view: View) -> np.ndarray:
    """(64, 256) float32 whole numbers -127 to 127, each row summing to 0: from a small face to its view's hash."""
    across = ((np.arange(_SIDE) + 0.5) / _SIDE - 0.5) / (2 * _RADIUS) + 0.5
    waves = np.array([np.outer(np.cos(np.pi * u * across), np.cos(np.pi * v * across)).ravel() for u, v in _BASIS])
    weight = _make_window().ravel()
    rows = (waves - (waves @ weight)[:, None]) * weight @ _make_warp(view)
    rows = np.rint(127 * rows / np.abs(rows).max(1, keepdims=True))
    rows[np.arange(64), np.abs(rows).argmax(1)] -= rows.sum(1)
    return rows.astype(np.float32)
